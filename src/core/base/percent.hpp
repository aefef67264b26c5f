// Percent-encoding (RFC 3986, 2.1).
#pragma once

#include "core/base/ascii.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace auth_gate::percent {

// unreserved of RFC 3986, 2.3.
constexpr bool is_unreserved(char c) noexcept {
    return is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

// The byte encoded by the "%XX" at `at`, which must be less than text.size(). Empty for a malformed escape.
constexpr std::optional<char> unescaped(std::string_view text, std::size_t at) noexcept {
    const auto hex_value = [](char c) {
        if (is_digit(c)) {
            return c - '0';
        }
        const char letter = lower(c);
        return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
    };
    if (text[at] != '%' || text.size() - at < 3) {
        return std::nullopt;
    }
    const int high = hex_value(text[at + 1]), low = hex_value(text[at + 2]);
    if (high < 0 || low < 0) {
        return std::nullopt;
    }
    return static_cast<char>(high << 4 | low);
}

// Encodes as %XX every character for which is_plain(char) is false.
template <typename IsPlain>
std::string escape(std::string_view text, IsPlain&& is_plain) {
    constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size() + 16);
    for (char c : text) {
        if (is_plain(c)) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += '%';
            out += digits[byte >> 4];
            out += digits[byte & 15];
        }
    }
    return out;
}

}  // namespace auth_gate::percent
