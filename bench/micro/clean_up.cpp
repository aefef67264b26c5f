// How long the clean-up holds the zone's lock when a million tokens have expired at once. The worker has not accessed
// their memory before, and none of it is in the processor's caches.
#include "store_kit.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>

namespace {

using namespace micro;

constexpr std::uint32_t tokens = 1000000;
constexpr std::uint32_t expired_at_once = 32;  // as in ShmTokenStore
constexpr std::uint32_t chunks = (tokens + expired_at_once - 1) / expired_at_once;
constexpr std::uint64_t now = 1000000;
constexpr int runs = 5;

// Seconds for each chunk: while the lock is held, and including the reading ahead. The minimum of all runs, which start
// from the same state, to exclude interrupts.
struct Report {
    double hold[chunks];
    double whole[chunks];
    double total;
};

void drop_from_caches(const SharedMemory& memory) {
    const auto* bytes = static_cast<const unsigned char*>(memory.data());
    for (std::size_t at = 0; at < memory.size(); at += 64) {
        __builtin_ia32_clflush(bytes + at);
    }
    __builtin_ia32_mfence();
}

// Makes the order of tokens in the queue differ from their order in memory.
void fill(Store& store) {
    for (std::uint32_t n = 0; n < tokens; ++n) {
        check(store.put(grant_of(n, mixed(n) % tokens, now), now) == PutStatus::stored);
    }
    for (std::uint32_t n = 0; n < tokens; ++n) {
        if (const std::uint32_t other = static_cast<std::uint32_t>(mixed(n) % tokens); other % 2 == 0) {
            store.take(presenting(other), now);
        }
    }
    for (std::uint32_t n = tokens; store.table().live() < tokens; ++n) {
        check(store.put(grant_of(n, mixed(n) % tokens, now), now) == PutStatus::stored);
    }
}

void clean_up(const Store& store, Report& report) {
    TokenTable table = store.table();
    const double first = cpu_seconds();
    for (std::size_t chunk = 0; table.live() != 0; ++chunk) {
        const double begin = cpu_seconds();
        table.look_ahead(now + lifetime_ms, expired_at_once);
        double locked, unlocked;
        {
            const Lock lock = store.locked();
            locked = cpu_seconds();
            table.expire(now + lifetime_ms, expired_at_once);
            unlocked = cpu_seconds();
        }
        report.hold[chunk] = std::min(report.hold[chunk], unlocked - locked);
        report.whole[chunk] = std::min(report.whole[chunk], cpu_seconds() - begin);
    }
    report.total = std::min(report.total, cpu_seconds() - first);
}

void longest_hold(benchmark::State& state) {
    static const std::string filled = [] {
        Store store(tokens);
        fill(store);
        return std::string(static_cast<const char*>(store.memory().data()), store.memory().size());
    }();
    Store store(tokens);
    const SharedMemory memory(sizeof(Report));
    auto& report = *static_cast<Report*>(memory.data());
    for (auto _ : state) {
        std::fill_n(report.hold, chunks, 1.0);
        std::fill_n(report.whole, chunks, 1.0);
        report.total = 1.0;
        for (int run = 0; run < runs; ++run) {
            filled.copy(static_cast<char*>(store.memory().data()), filled.size());
            drop_from_caches(store.memory());
            finish(start([&] { clean_up(store, report); }));
        }
        state.SetIterationTime(report.total);
    }
    state.counters["longest_us"] = *std::max_element(report.hold, report.hold + chunks) * 1e6;
    state.counters["longest_with_reading_ahead_us"] = *std::max_element(report.whole, report.whole + chunks) * 1e6;
    state.counters["ns_a_token"] = report.total * 1e9 / tokens;
}

BENCHMARK(longest_hold)->Iterations(1)->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace
