// cmocka for C++: its header, and checks that say which row of a table was off and where they stand.
#pragma once

#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>

extern "C" {
#include <cmocka.h>
}

// cmocka's words that C++ has other uses for.
#undef fail
#undef skip

namespace unit {

using namespace std::string_view_literals;
using namespace std::string_literals;

// Printable ASCII as it is, every other byte as \xNN.
inline std::string visible(std::string_view text) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    for (char c : text.substr(0, 400)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7f) {
            out += c;
        } else {
            out += "\\x";
            out += digits[byte >> 4];
            out += digits[byte & 15];
        }
    }
    return text.size() > 400 ? out + "..." : out;
}

template <typename T>
std::string shown(const T& value) {
    if constexpr (std::is_convertible_v<T, std::string_view>) {
        return '"' + visible(value) + '"';
    } else if constexpr (std::is_same_v<T, bool>) {
        return value ? "true" : "false";
    } else if constexpr (std::is_enum_v<T>) {
        return std::to_string(static_cast<long long>(value));
    } else if constexpr (requires { value.has_value(); }) {
        return value ? shown(*value) : "nothing";
    } else {
        std::ostringstream out;
        out << value;
        return out.str();
    }
}

// Where a check stands. (clang 14 knows no std::source_location.)
struct Line {
    const char* file;
    int number;

    static constexpr Line here(const char* file = __builtin_FILE(), int number = __builtin_LINE()) noexcept {
        return {file, number};
    }
};

inline void expect(bool holds, std::string_view what, const Line at = Line::here()) {
    if (!holds) {
        print_error("not so: %s\n", visible(what).c_str());
        _fail(at.file, at.number);
    }
}

template <typename A, typename B>
void expect_equal(const A& got, const B& wanted, std::string_view what, const Line at = Line::here()) {
    if (!(got == wanted)) {
        print_error("%s:\n  got    %s\n  wanted %s\n", visible(what).c_str(), shown(got).c_str(),
                    shown(wanted).c_str());
        _fail(at.file, at.number);
    }
}

inline std::string hex(const auto& bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    for (auto b : bytes) {
        out += digits[static_cast<unsigned char>(b) >> 4];
        out += digits[static_cast<unsigned char>(b) & 15];
    }
    return out;
}

// Numbers that look random and are the same in every run (splitmix64).
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
        z = (z ^ z >> 27) * 0x94d049bb133111eb;
        return z ^ z >> 31;
    }

    std::uint64_t below(std::uint64_t bound) { return next() % bound; }

private:
    std::uint64_t state_;
};

}  // namespace unit
