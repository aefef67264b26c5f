// The token store with one worker: what put and take cost at so many live tokens.
//
// The tokens are taken in random order, and each has one of as many users as there are tokens: nothing that an operation
// touches is where the one before has been.
#include "store_kit.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <numeric>

namespace {

using namespace micro;

constexpr std::uint32_t places = 1 << 20;
constexpr std::uint64_t now = 1000000;
constexpr std::size_t turn = 128;  // operations between two readings of the clock

enum class Operation { put, take };

// The live tokens, by number; in turns, so many are put and so many are taken.
class Traffic {
public:
    Traffic(std::uint32_t capacity, std::uint32_t live) : store_(capacity), users_(live), live_(live) {
        std::iota(live_.begin(), live_.end(), 0);
        for (const std::uint32_t n : live_) {
            check(store_.put(grant(n), now) == PutStatus::stored);
        }
        next_ = live;
    }

    // Seconds that each kind of operation took.
    double turns(Operation measured) {
        grants_.clear();
        presented_.clear();
        for (std::size_t i = 0; i < turn; ++i) {
            std::uint32_t& leaving = live_[mixed(random_++) % live_.size()];
            presented_.push_back(presenting(leaving));
            leaving = next_++;
            grants_.push_back(grant(leaving));
        }
        // A token may come and go within one turn.
        const double put = seconds([&] {
            for (const TokenGrant& grant : grants_) {
                check(store_.put(grant, now) == PutStatus::stored);
            }
        });
        const double take = seconds([&] {
            for (const Presented& presented : presented_) {
                check(store_.take(presented, now).status == TakeStatus::redeemed);
            }
        });
        return measured == Operation::put ? put : take;
    }

private:
    TokenGrant grant(std::uint32_t n) const { return grant_of(n, mixed(n) % users_, now); }

    static void check(bool holds) {
        if (!holds) {
            throw std::logic_error("the store does not answer as it should");
        }
    }

    template <typename F>
    static double seconds(F&& f) {
        const auto begin = std::chrono::steady_clock::now();
        f();
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    }

    Store store_;
    std::uint64_t users_;
    std::vector<std::uint32_t> live_;
    std::uint32_t next_ = 0;
    std::uint64_t random_ = 0;
    std::vector<TokenGrant> grants_;
    std::vector<Presented> presented_;
};

void run(benchmark::State& state, Operation operation) {
    Traffic traffic(places, static_cast<std::uint32_t>(state.range(0)));
    while (state.KeepRunningBatch(turn)) {
        state.SetIterationTime(traffic.turns(operation));
    }
}

BENCHMARK_CAPTURE(run, put, Operation::put)->RangeMultiplier(10)->Range(1000, 1000000)->UseManualTime();
BENCHMARK_CAPTURE(run, take, Operation::take)->RangeMultiplier(10)->Range(1000, 1000000)->UseManualTime();

}  // namespace
