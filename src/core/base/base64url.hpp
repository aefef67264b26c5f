// Base64url without padding (RFC 4648, section 5). Decoding is strict: each value has exactly one valid text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace auth_gate::base64url {

// The number of bytes that `text_size` characters decode to.
constexpr std::size_t decoded_size(std::size_t text_size) noexcept {
    return text_size / 4 * 3 + text_size % 4 * 3 / 4;
}

// Decodes into `out`, which must hold decoded_size(text.size()) bytes. Returns false for a character outside the
// alphabet (including '=' and white space), an impossible length, or unused bits that are not zero. `out` may have been
// written to even then.
bool decode(std::string_view text, std::uint8_t* out) noexcept;

// Decodes into a new string. Empty in the same cases.
std::optional<std::string> decode(std::string_view text);

// The number of characters that `size` bytes encode to.
constexpr std::size_t encoded_size(std::size_t size) noexcept {
    return size / 3 * 4 + (size % 3 * 4 + 2) / 3;
}

void append(std::string& out, std::span<const std::uint8_t> bytes);
void append(std::string& out, std::string_view bytes);

std::string encode(std::string_view bytes);

// Whether every character is in the alphabet. True for an empty text.
bool is_alphabet(std::string_view text) noexcept;

}  // namespace auth_gate::base64url
