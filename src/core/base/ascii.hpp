// ASCII character classes, independent of the locale.
#pragma once

#include <string_view>

namespace auth_gate {

constexpr char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

constexpr bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

constexpr bool is_alphanumeric(char c) noexcept {
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z');
}

// tchar of RFC 9110, 5.6.2: the characters of header, scheme and cookie names.
constexpr bool is_token_char(char c) noexcept {
    return is_alphanumeric(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

constexpr bool is_printable(char c) noexcept {
    return c >= 0x20 && c < 0x7f;
}

// What may stand in a header's value (RFC 9110, 5.5): other control characters end its line or cut it.
constexpr bool is_field_char(char c) noexcept {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 || c == '\t') && byte != 0x7f;
}

}  // namespace auth_gate
