// Decisions made on each request: policy, lists of paths, cached identities.
#include "core/mfa/policy.hpp"
#include "core/http/path.hpp"
#include "core/identity/identity_table.hpp"

#include <benchmark/benchmark.h>

#include <memory>

namespace {

using namespace auth_gate;

void decide(benchmark::State& state) {
    MfaQuestion question{.mode = MfaMode::policy, .require_mfa = true, .has_mfa = true};
    for (auto _ : state) {
        benchmark::DoNotOptimize(question);
        benchmark::DoNotOptimize(auth_gate::decide(question));
    }
}

// The lists of a typical application.
path::Rules usual_rules() {
    path::Rules rules;
    for (const char* path : {"/api/health", "/api/auth/app-config", "/api/auth/invite/*"}) {
        rules.add("GET", path);
    }
    for (const char* path :
         {"/api/auth/login", "/api/auth/register", "/api/auth/demo-login", "/api/auth/mfa/verify-login"}) {
        rules.add("POST", path);
    }
    rules.add("*", "/api/auth/oidc/*");
    return rules;
}

void match(benchmark::State& state, std::string_view method, std::string_view path, bool matches) {
    const path::Rules rules = usual_rules();
    for (auto _ : state) {
        benchmark::DoNotOptimize(path);
        bool matched = rules.match(method, path);
        if (matched != matches) {
            state.SkipWithError("the rules say otherwise");
        }
    }
}

void is_ambiguous(benchmark::State& state) {
    std::string_view path = "/api/trips/12345/files/67890/download";
    for (auto _ : state) {
        benchmark::DoNotOptimize(path);
        benchmark::DoNotOptimize(path::is_ambiguous(path, path));
    }
}

// The argument is the number of cached users.
void known_identity(benchmark::State& state) {
    const auto users = static_cast<std::uint32_t>(state.range(0));
    const std::uint32_t capacity = 4 * users;
    const auto memory = std::make_unique<std::uint64_t[]>(IdentityTable::bytes_for(capacity) / 8);
    IdentityTable table(memory.get(), capacity);
    const auto key_of = [](std::uint64_t n) { return static_cast<IdentityKey>((n + 1) * 0x9e3779b97f4a7c15); };
    for (std::uint64_t n = 0; n < users; ++n) {
        const auto found = table.look_up(key_of(n), 1, 1000);
        table.store(key_of(n), found.ticket, Identity{true, "user"}, 1000000);
    }
    std::uint64_t n = 0;
    for (auto _ : state) {
        n = n * 6364136223846793005 + 1442695040888963407;
        benchmark::DoNotOptimize(table.look_up(key_of((n >> 32) % users), 2, 1000));
    }
}

BENCHMARK(decide);
BENCHMARK_CAPTURE(match, first_rule, "GET", "/api/health", true);
BENCHMARK_CAPTURE(match, last_rule, "GET", "/api/auth/oidc/sso/callback", true);
BENCHMARK_CAPTURE(match, no_rule, "GET", "/api/trips/12345/files/67890/download", false);
BENCHMARK(is_ambiguous);
BENCHMARK(known_identity)->Arg(1000)->Arg(100000);

}  // namespace
