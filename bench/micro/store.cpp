// The token store with one worker: the cost of put and take by the number of live tokens, in a zone for a million.
//
// `run` models browsers: a page requests a handful of tokens, and redeems each before a thousand others are issued; all
// other live tokens just wait to expire. In `any`, each token belongs to a different user and any live token may be
// redeemed next, so that operations rarely find their data in a cache.
#include "store_kit.hpp"

#include <benchmark/benchmark.h>

#include <map>
#include <memory>
#include <numeric>

namespace {

using namespace micro;

constexpr std::uint32_t places = 1 << 20;
constexpr std::uint64_t now = 1000000;
constexpr std::size_t turn = 128;  // operations per reading of the clock
constexpr std::uint32_t soon = 1000;

enum class Operation { put, take };
enum class Kind { run, any };

// Each turn puts `turn` tokens and takes as many of the first `candidates_` live ones.
class Traffic {
public:
    Traffic(std::uint32_t live, Kind kind)
        : store_(places),
          users_(live),
          tokens_of_user_(kind == Kind::run ? 8 : 1),
          live_(live),
          candidates_(kind == Kind::run ? std::min(live, soon) : live),
          next_(live) {
        std::iota(live_.begin(), live_.end(), 0);
        for (const std::uint32_t n : live_) {
            check(store_.put(grant(n), now) == PutStatus::stored);
        }
    }

    // Seconds that the measured operations took. Their arguments are prepared before the clock starts.
    double turn_of(Operation measured) {
        grants_.clear();
        presented_.clear();
        for (std::size_t i = 0; i < turn; ++i) {
            std::uint32_t& leaving = live_[mixed(random_++) % candidates_];
            presented_.push_back(presenting(leaving));
            leaving = next_++;
            grants_.push_back(grant(leaving));
        }
        const double begin = cpu_seconds();
        for (const TokenGrant& grant : grants_) {
            check(store_.put(grant, now) == PutStatus::stored);
        }
        const double between = cpu_seconds();
        for (const Presented& presented : presented_) {
            check(store_.take(presented, now).status == TakeStatus::redeemed);
        }
        return measured == Operation::put ? between - begin : cpu_seconds() - between;
    }

private:
    TokenGrant grant(std::uint32_t n) const { return grant_of(n, mixed(n / tokens_of_user_) % users_, now); }

    Store store_;
    std::uint64_t users_;
    std::uint32_t tokens_of_user_;     // consecutive tokens of one user
    std::vector<std::uint32_t> live_;  // token numbers
    std::uint32_t candidates_;
    std::uint32_t next_;
    std::uint64_t random_ = 0;
    std::vector<TokenGrant> grants_;
    std::vector<Presented> presented_;
};

void measure(benchmark::State& state, Kind kind, Operation operation) {
    // Kept, because filling a store takes longer than measuring it.
    static std::map<std::pair<Kind, std::uint32_t>, std::unique_ptr<Traffic>> all;
    const auto live = static_cast<std::uint32_t>(state.range(0));
    auto& traffic = all[{kind, live}];
    if (traffic == nullptr) {
        traffic = std::make_unique<Traffic>(live, kind);
    }
    while (state.KeepRunningBatch(turn)) {
        state.SetIterationTime(traffic->turn_of(operation));
    }
}

void run(benchmark::State& state, Operation operation) {
    measure(state, Kind::run, operation);
}

void any(benchmark::State& state, Operation operation) {
    measure(state, Kind::any, operation);
}

void live_tokens(benchmark::internal::Benchmark* one) {
    one->RangeMultiplier(10)->Range(1000, 1000000)->UseManualTime();
}

BENCHMARK_CAPTURE(run, put, Operation::put)->Apply(live_tokens);
BENCHMARK_CAPTURE(run, take, Operation::take)->Apply(live_tokens);
BENCHMARK_CAPTURE(any, put, Operation::put)->Apply(live_tokens);
BENCHMARK_CAPTURE(any, take, Operation::take)->Apply(live_tokens);

}  // namespace
