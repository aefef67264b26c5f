#include "core/base/base64url.hpp"

#include "core/base/bytes.hpp"

#include <array>

namespace auth_gate::base64url {

namespace {

constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// A table per position in a group of four: each character's 6 bits, already shifted, or `invalid`.
constexpr std::uint32_t invalid = 1u << 31;

using Values = std::array<std::uint32_t, 256>;

constexpr Values values_at(int shift) {
    Values values{};
    values.fill(invalid);
    for (std::uint32_t i = 0; i < 64; ++i) {
        values[static_cast<unsigned char>(alphabet[i])] = i << shift;
    }
    return values;
}

constexpr Values first = values_at(18), second = values_at(12), third = values_at(6), fourth = values_at(0);

std::uint32_t value(const Values& values, char c) noexcept {
    return values[static_cast<unsigned char>(c)];
}

}  // namespace

bool decode(std::string_view text, std::uint8_t* out) noexcept {
    const char* in = text.data();
    std::size_t left = text.size();

    std::uint32_t seen = 0;
    for (; left >= 4; left -= 4, in += 4) {
        const std::uint32_t group =
            value(first, in[0]) | value(second, in[1]) | value(third, in[2]) | value(fourth, in[3]);
        seen |= group;
        *out++ = static_cast<std::uint8_t>(group >> 16);
        *out++ = static_cast<std::uint8_t>(group >> 8);
        *out++ = static_cast<std::uint8_t>(group);
    }
    if ((seen & invalid) != 0 || left == 1) {
        return false;
    }
    if (left == 0) {
        return true;
    }
    const std::uint32_t group = value(first, in[0]) | value(second, in[1]) | (left == 3 ? value(third, in[2]) : 0);
    *out++ = static_cast<std::uint8_t>(group >> 16);
    if (left == 3) {
        *out = static_cast<std::uint8_t>(group >> 8);
    }
    const std::uint32_t unused = left == 3 ? 0xff : 0xffff;
    return (group & (invalid | unused)) == 0;
}

std::optional<std::string> decode(std::string_view text) {
    std::string out(decoded_size(text.size()), '\0');
    if (!decode(text, as_bytes(out).data())) {
        return std::nullopt;
    }
    return out;
}

void append(std::string& out, std::span<const std::uint8_t> bytes) {
    const std::size_t begin = out.size();
    out.resize(begin + encoded_size(bytes.size()));
    char* at = out.data() + begin;

    const std::uint8_t* in = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= 3; left -= 3, in += 3) {
        const std::uint32_t group = std::uint32_t{in[0]} << 16 | std::uint32_t{in[1]} << 8 | in[2];
        *at++ = alphabet[group >> 18];
        *at++ = alphabet[group >> 12 & 63];
        *at++ = alphabet[group >> 6 & 63];
        *at++ = alphabet[group & 63];
    }
    if (left == 0) {
        return;
    }
    const std::uint32_t group = std::uint32_t{in[0]} << 16 | (left == 2 ? std::uint32_t{in[1]} << 8 : 0);
    *at++ = alphabet[group >> 18];
    *at++ = alphabet[group >> 12 & 63];
    if (left == 2) {
        *at = alphabet[group >> 6 & 63];
    }
}

void append(std::string& out, std::string_view bytes) {
    append(out, as_bytes(bytes));
}

std::string encode(std::string_view bytes) {
    std::string out;
    append(out, bytes);
    return out;
}

bool is_alphabet(std::string_view text) noexcept {
    for (char c : text) {
        if (value(fourth, c) == invalid) {
            return false;
        }
    }
    return true;
}

}  // namespace auth_gate::base64url
