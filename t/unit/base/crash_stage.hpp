// Runs one operation on shared memory in a child process, and records what a kill at each instruction leaves behind.
#pragma once

#include <algorithm>
#include <vector>

#include "base/stepper.hpp"

namespace unit {

struct Crash {
    std::vector<char> image;
    std::size_t step;
    std::optional<int> report;  // the operation's result, if it got that far
};

inline std::string describe(std::string_view name, const Crash& crash) {
    return std::string(name) + " killed after " + std::to_string(crash.step) + " instructions" +
           (crash.report ? ", reported" : "");
}

class CrashStage {
public:
    // An operation on the given memory. Returns what it reports.
    using Operation = std::function<int(void*)>;

    explicit CrashStage(std::size_t size) : size_((size + 7) / 8 * 8), memory_(size_ + sizeof(Report)) {}

    // All states of the memory during the operation, in order, until it reports its result.
    std::vector<Crash> step_through(const std::vector<char>& before, const Operation& operation) const {
        restore(before);
        std::vector<Crash> crashes = {{image(), 0, std::nullopt}};
        Stepper stepper([&] { run(operation); });
        for (std::size_t step = 1; stepper.step(); ++step) {
            const auto report = reported();
            if (report || std::memcmp(bytes(), crashes.back().image.data(), size_) != 0) {
                crashes.push_back({image(), step, report});
            }
            if (report) {
                return crashes;
            }
        }
        expect(false, "the operation did not come to its end");
        return crashes;
    }

private:
    struct Report {
        volatile int status;
        volatile int done;
    };

    void restore(const std::vector<char>& image) const {
        std::copy(image.begin(), image.end(), bytes());
        report()->done = 0;
    }

    void run(const Operation& operation) const {
        const int status = operation(memory_.data());
        report()->status = status;
        report()->done = 1;
    }

    std::optional<int> reported() const { return report()->done != 0 ? std::optional(report()->status) : std::nullopt; }

    std::vector<char> image() const { return {bytes(), bytes() + size_}; }
    char* bytes() const { return static_cast<char*>(memory_.data()); }
    Report* report() const { return reinterpret_cast<Report*>(bytes() + size_); }

    std::size_t size_;
    SharedMemory memory_;
};

}  // namespace unit
