#include "base64url.hpp"

#include <array>

namespace auth_gate::base64url {

namespace {

constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::uint8_t invalid = 0xff;

constexpr std::array<std::uint8_t, 256> make_values() {
    std::array<std::uint8_t, 256> values{};
    values.fill(invalid);
    for (std::uint8_t i = 0; i < 64; ++i) {
        values[static_cast<unsigned char>(alphabet[i])] = i;
    }
    return values;
}

constexpr std::array<std::uint8_t, 256> values = make_values();

std::uint8_t value(char c) noexcept {
    return values[static_cast<unsigned char>(c)];
}

}  // namespace

bool decode(std::string_view text, std::uint8_t* out) noexcept {
    // An invalid character sets bit 7, which no valid one has: one test at the end of each group.
    const char* in = text.data();
    std::size_t left = text.size();

    for (; left >= 4; left -= 4, in += 4) {
        const std::uint8_t a = value(in[0]), b = value(in[1]), c = value(in[2]), d = value(in[3]);
        if ((a | b | c | d) & 0x80) {
            return false;
        }
        *out++ = static_cast<std::uint8_t>(a << 2 | b >> 4);
        *out++ = static_cast<std::uint8_t>(b << 4 | c >> 2);
        *out++ = static_cast<std::uint8_t>(c << 6 | d);
    }

    if (left == 0) {
        return true;
    }
    if (left == 1) {
        return false;
    }
    const std::uint8_t a = value(in[0]), b = value(in[1]);
    const std::uint8_t c = left == 3 ? value(in[2]) : 0;
    if ((a | b | c) & 0x80) {
        return false;
    }
    if (left == 2) {
        *out = static_cast<std::uint8_t>(a << 2 | b >> 4);
        return (b & 0x0f) == 0;
    }
    *out++ = static_cast<std::uint8_t>(a << 2 | b >> 4);
    *out = static_cast<std::uint8_t>(b << 4 | c >> 2);
    return (c & 0x03) == 0;
}

std::optional<std::string> decode(std::string_view text) {
    std::string out(decoded_size(text.size()), '\0');
    if (!decode(text, reinterpret_cast<std::uint8_t*>(out.data()))) {
        return std::nullopt;
    }
    return out;
}

void append(std::string& out, std::span<const std::uint8_t> bytes) {
    std::size_t i = 0;
    for (; i + 3 <= bytes.size(); i += 3) {
        const std::uint32_t group = bytes[i] << 16 | bytes[i + 1] << 8 | bytes[i + 2];
        out += alphabet[group >> 18];
        out += alphabet[group >> 12 & 63];
        out += alphabet[group >> 6 & 63];
        out += alphabet[group & 63];
    }
    const std::size_t left = bytes.size() - i;
    if (left == 0) {
        return;
    }
    const std::uint32_t group = bytes[i] << 16 | (left == 2 ? bytes[i + 1] << 8 : 0);
    out += alphabet[group >> 18];
    out += alphabet[group >> 12 & 63];
    if (left == 2) {
        out += alphabet[group >> 6 & 63];
    }
}

std::string encode(std::string_view bytes) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    append(out, std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
    return out;
}

bool is_alphabet(std::string_view text) noexcept {
    for (char c : text) {
        if (value(c) == invalid) {
            return false;
        }
    }
    return true;
}

}  // namespace auth_gate::base64url
