// json::Claims says of any text what jansson says.
#include "claims_comparison.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string what = fuzz::disagreement({reinterpret_cast<const char*>(data), size});
    if (!what.empty()) {
        std::fprintf(stderr, "they disagree about %s\n", what.c_str());
        std::abort();
    }
    return 0;
}
