// What the fuzz targets share. Each target says what must hold of any input; the sanitizers watch the rest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace fuzz {

inline void demand(bool holds, const char* what) {
    if (!holds) {
        std::fprintf(stderr, "does not hold: %s\n", what);
        std::abort();
    }
}

// The text before the first newline, and the text behind it.
inline std::pair<std::string_view, std::string_view> two_lines(std::string_view input) {
    const std::size_t end = input.find('\n');
    if (end == std::string_view::npos) {
        return {input, {}};
    }
    return {input.substr(0, end), input.substr(end + 1)};
}

// Each target defines this.
void check(std::string_view input);

}  // namespace fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::check({reinterpret_cast<const char*>(data), size});
    return 0;
}
