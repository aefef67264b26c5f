#include "processor.hpp"

#include <sched.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace load {

namespace {

Share share_of(pid_t pid) {
    const std::string path = "/proc/" + std::to_string(pid) + "/task";
    Share sum;
    for (const auto& thread : std::filesystem::directory_iterator(path)) {
        std::ifstream in(thread.path() / "schedstat");
        Share share;
        if (in >> share.running_ns >> share.waiting_ns) {
            sum.running_ns += share.running_ns;
            sum.waiting_ns += share.waiting_ns;
        }
    }
    if (sum.running_ns == 0) {
        throw std::runtime_error("cannot read " + path);
    }
    return sum;
}

Total total() {
    std::ifstream in("/proc/stat");
    std::string cpu;
    std::int64_t user, nice, system, idle, iowait, irq, softirq, steal;
    if (!(in >> cpu >> user >> nice >> system >> idle >> iowait >> irq >> softirq >> steal)) {
        throw std::runtime_error("cannot read /proc/stat");
    }
    const std::int64_t tick_ns = 1'000'000'000 / sysconf(_SC_CLK_TCK);
    return {(user + nice + system + irq + softirq) * tick_ns, steal * tick_ns};
}

}  // namespace

Reading read_processors(const std::vector<pid_t>& watched) {
    Reading reading;
    for (const pid_t pid : watched) {
        reading.shares.push_back(share_of(pid));
    }
    reading.shares.push_back(share_of(getpid()));
    reading.total = total();
    reading.clock_ns = monotonic_ns();
    return reading;
}

std::int64_t monotonic_ns() noexcept {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

void stay_on(int processor) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<std::size_t>(processor), &set);
    if (sched_setaffinity(0, sizeof(set), &set) != 0) {
        throw std::runtime_error("cannot stay on processor " + std::to_string(processor));
    }
}

}  // namespace load
