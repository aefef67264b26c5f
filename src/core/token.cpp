#include "token.hpp"

#include <algorithm>

namespace auth_gate {

std::optional<NewTokenText> make_token_text() {
    std::array<std::uint8_t, token_text_size / 2> random;
    if (!stocked_random_bytes(random)) {
        return std::nullopt;
    }
    NewTokenText token;
    token.text.resize(token_text_size);
    to_hex(random, token.text.data());
    token.digest = sha256(token.text);
    wipe(random.data(), random.size());
    return token;
}

bool is_token_text(std::string_view text) noexcept {
    const auto is_lower_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    return text.size() == token_text_size && std::all_of(text.begin(), text.end(), is_lower_hex);
}

std::optional<Digest> token_digest(std::string_view text) noexcept {
    return is_token_text(text) ? std::optional(sha256(text)) : std::nullopt;
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
    case TakeStatus::leased_elsewhere:
        return "the token is used from another address or path";
    }
    return "";
}

}  // namespace auth_gate
