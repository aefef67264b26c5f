// Base64url without padding (RFC 4648, section 5), read strictly: one text for one value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace auth_gate::base64url {

// The bytes that `text_size` characters stand for.
constexpr std::size_t decoded_size(std::size_t text_size) noexcept {
    return text_size / 4 * 3 + text_size % 4 * 3 / 4;
}

// Decodes into `out`, which has room for decoded_size(text.size()). False for any character outside
// the alphabet (also '=' and white space), an impossible length, or unused bits that are not zero.
bool decode(std::string_view text, std::uint8_t* out) noexcept;

std::optional<std::string> decode(std::string_view text);

// The characters that `size` bytes take.
constexpr std::size_t encoded_size(std::size_t size) noexcept {
    return size / 3 * 4 + (size % 3 * 4 + 2) / 3;
}

void append(std::string& out, std::span<const std::uint8_t> bytes);
void append(std::string& out, std::string_view bytes);

std::string encode(std::string_view bytes);

// True when every character is of the alphabet.
bool is_alphabet(std::string_view text) noexcept;

}  // namespace auth_gate::base64url
