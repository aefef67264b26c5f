// Base64url of 32 bytes (a signature), 200 (a usual payload) and 2048 (a long payload).
#include "core/base/base64url.hpp"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <vector>

namespace {

namespace base64url = auth_gate::base64url;

std::string bytes_of(std::int64_t size) {
    std::string bytes;
    for (std::int64_t i = 0; i < size; ++i) {
        bytes += static_cast<char>(i * 131 + 7);
    }
    return bytes;
}

void encode(benchmark::State& state) {
    const std::string bytes = bytes_of(state.range(0));
    for (auto _ : state) {
        benchmark::DoNotOptimize(base64url::encode(bytes));
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
}

void decode(benchmark::State& state) {
    const std::string text = base64url::encode(bytes_of(state.range(0)));
    std::vector<std::uint8_t> out(base64url::decoded_size(text.size()));
    for (auto _ : state) {
        bool good = base64url::decode(text, out.data());
        benchmark::DoNotOptimize(good);
        benchmark::ClobberMemory();
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
}

BENCHMARK(encode)->Arg(32)->Arg(200)->Arg(2048);
BENCHMARK(decode)->Arg(32)->Arg(200)->Arg(2048);

}  // namespace
