// Single-use tokens outside the store: generating one, and digesting a presented one.
#include "core/token/token.hpp"

#include <benchmark/benchmark.h>

namespace {

using namespace auth_gate;

void make(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(make_token_text());
    }
}

void digest(benchmark::State& state) {
    const auto token = make_token_text();
    for (auto _ : state) {
        benchmark::DoNotOptimize(token_digest(token->view()));
    }
}

// The lower bound for both.
void bare_digest(benchmark::State& state) {
    std::array<std::uint8_t, token_text_size / 2> bytes{};
    for (auto _ : state) {
        benchmark::DoNotOptimize(sha256(bytes));
    }
}

void random_bytes(benchmark::State& state) {
    std::array<std::uint8_t, token_text_size / 2> bytes;
    for (auto _ : state) {
        auth_gate::random_bytes(bytes);
        benchmark::DoNotOptimize(bytes);
    }
}

BENCHMARK(make);
BENCHMARK(digest);
BENCHMARK(bare_digest);
BENCHMARK(random_bytes);

}  // namespace
