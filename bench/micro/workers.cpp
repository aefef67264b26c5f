// The token store with several workers, all issuing and redeeming as fast as they can.
//
// `together` includes generating each new token and digesting each presented one. `bare` measures the store alone,
// where the lock serialises nearly everything.
#include "store_kit.hpp"

#include "core/jwt/jwt.hpp"

#include <benchmark/benchmark.h>

#include <chrono>

namespace {

using namespace micro;

constexpr std::uint32_t operations = 400000;
constexpr std::uint32_t live = 10000;
constexpr std::uint32_t tokens_of_worker = 500;
constexpr std::uint64_t now = 1000000;

struct Start {
    std::atomic<std::uint32_t> ready;
    std::atomic<bool> go;
};

template <typename Work>
void run_workers(benchmark::State& state, Work&& work) {
    const auto workers = static_cast<std::uint32_t>(state.range(0));
    for (auto _ : state) {
        Store store(4 * live);
        for (std::uint32_t n = 0; n < live; ++n) {
            check(store.put(grant_of(n, n, now), now) == PutStatus::stored);
        }
        const SharedMemory memory(sizeof(Start));
        auto& start_line = *new (memory.data()) Start{};
        std::vector<pid_t> children;
        for (std::uint32_t worker = 0; worker < workers; ++worker) {
            children.push_back(start([&] {
                std::vector<TokenGrant> grants;
                for (std::uint32_t n = 0; n < tokens_of_worker; ++n) {
                    grants.push_back(grant_of(live + worker * tokens_of_worker + n, n % 10, now));
                }
                start_line.ready++;
                while (!start_line.go) {
                    sched_yield();
                }
                for (std::uint32_t n = 0; n < operations / 2 / workers; ++n) {
                    work(store, grants[n % tokens_of_worker]);
                }
            }));
        }
        while (start_line.ready != workers) {
            sched_yield();
        }
        const auto begin = std::chrono::steady_clock::now();
        start_line.go = true;
        for (const pid_t child : children) {
            finish(child);
        }
        state.SetIterationTime(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    }
    state.SetItemsProcessed(state.iterations() * operations);
}

Presented presenting(const Digest& digest) {
    Presented presented;
    presented.digest = digest;
    presented.accepted = accepted;
    presented.account_scopes = account_scopes;
    return presented;
}

void together(benchmark::State& state) {
    const HmacKey key("a secret of more than thirty-two bytes, as it should be");
    const std::string session = jwt::sign({UserId::Kind::integer, "12345"}, "id", 1700000000, 1700003600, key);
    jwt::Checks checks;
    checks.now = 1700000001;
    run_workers(state, [&](Store& store, TokenGrant& grant) {
        check(jwt::verify(session, std::span(&key, 1), checks).status == jwt::Status::valid);
        const auto token = make_token_text();
        check(token.has_value());
        grant.digest = token->digest;
        check(store.put(grant, now) == PutStatus::stored);

        const auto digest = token_digest(token->view());
        const Taken taken = store.take(presenting(*digest), now);
        check(taken.status == TakeStatus::redeemed);
        benchmark::DoNotOptimize(jwt::sign(taken.user, "id", 1700000001, 1700000301, key));
    });
}

void store_alone(benchmark::State& state) {
    run_workers(state, [](Store& store, const TokenGrant& grant) {
        check(store.put(grant, now) == PutStatus::stored);
        check(store.take(presenting(grant.digest), now).status == TakeStatus::redeemed);
    });
}

BENCHMARK(together)->Arg(1)->Arg(2)->Arg(4)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(store_alone)->Arg(1)->Arg(2)->Arg(4)->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace
