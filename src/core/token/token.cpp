#include "core/token/token.hpp"

#include "core/base/ascii.hpp"

#include <algorithm>

namespace auth_gate {

namespace {

using Bytes = std::array<std::uint8_t, token_text_size / 2>;

Bytes bytes_of(std::string_view token_text) noexcept {
    const auto value = [](char digit) { return (digit & 15) + (digit >> 6) * 9; };
    Bytes bytes;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] = static_cast<std::uint8_t>(value(token_text[2 * i]) << 4 | value(token_text[2 * i + 1]));
    }
    return bytes;
}

}  // namespace

std::optional<NewTokenText> make_token_text() noexcept {
    Bytes random;
    if (!stocked_random_bytes(random)) {
        return std::nullopt;
    }
    NewTokenText token;
    to_hex(random, token.text.data());
    token.digest = sha256(random);
    wipe(random.data(), random.size());
    return token;
}

bool contains_token(std::string_view text) noexcept {
    std::size_t digits = 0;
    return std::any_of(text.begin(), text.end(), [&](char c) {
        digits = is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f') ? digits + 1 : 0;
        return digits == token_text_size;
    });
}

bool is_token_text(std::string_view text) noexcept {
    if (text.size() != token_text_size) {
        return false;
    }
    // Avoids a branch for each digit, since half of those would be mispredicted.
    unsigned invalid = 0;
    for (char c : text) {
        const unsigned digit = static_cast<unsigned char>(c) - unsigned{'0'};
        const unsigned letter = static_cast<unsigned char>(c) - unsigned{'a'};
        invalid += static_cast<unsigned>(digit > 9) & static_cast<unsigned>(letter > 5);
    }
    return invalid == 0;
}

std::optional<Digest> token_digest(std::string_view text) noexcept {
    return is_token_text(text) ? std::optional(sha256(bytes_of(text))) : std::nullopt;
}

std::string_view sentence(TakeStatus status) noexcept {
    switch (status) {
    case TakeStatus::redeemed:
        return "the token is redeemed";
    case TakeStatus::repeated:
        return "the token's lease holds";
    case TakeStatus::looked_at:
        return "the token is good";
    case TakeStatus::unknown:
        return "the token is unknown or used";
    case TakeStatus::expired:
        return "the token has expired";
    case TakeStatus::wrong_purpose:
        return "the token is for something else";
    case TakeStatus::wrong_place:
        return "the token is for another path or method";
    case TakeStatus::which_place:
        return "the token is for one path and method";
    case TakeStatus::leased_elsewhere:
        return "the token is leased to another request";
    case TakeStatus::used:
        return "the token was used before";
    case TakeStatus::unavailable:
        return "the store of tokens is away";
    }
    return "";
}

}  // namespace auth_gate
