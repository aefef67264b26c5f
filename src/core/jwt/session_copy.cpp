#include "core/jwt/session_copy.hpp"

#include "core/base/base64url.hpp"
#include "core/json/extend.hpp"
#include "core/jwt/jws.hpp"

namespace auth_gate::jwt {

namespace {

bool is_kind(char c) noexcept {
    return c == static_cast<char>(PlaceKind::bearer) || c == static_cast<char>(PlaceKind::header) ||
           c == static_cast<char>(PlaceKind::cookie);
}

}  // namespace

// The place's kind, the size of its name, its name, the header, a dot, the claims. A header in base64url has no dot.
std::string SessionCopy::packed() const {
    std::string text;
    text.reserve(place.name.size() + header.size() + claims.size() + 3);
    text += static_cast<char>(place.kind);
    text += static_cast<char>(place.name.size());
    text.append(place.name).append(header).append(".").append(claims);
    return text;
}

std::optional<SessionCopy> SessionCopy::unpacked(std::string_view text) noexcept {
    if (text.size() < 2 || !is_kind(text.front())) {
        return std::nullopt;
    }
    const auto kind = static_cast<PlaceKind>(text.front());
    const auto name_size = static_cast<unsigned char>(text[1]);
    text.remove_prefix(2);
    const std::size_t dot = text.find('.', name_size);
    if (name_size > longest_name || dot == std::string_view::npos) {
        return std::nullopt;
    }
    return SessionCopy{.header = text.substr(name_size, dot - name_size),
                       .claims = text.substr(dot + 1),
                       .place = {kind, text.substr(0, name_size)}};
}

std::string claims_text(std::string_view token) {
    const auto parts = jws::split(token);
    return parts ? base64url::decode(parts->payload).value_or("") : "";
}

std::string ending_at(std::string_view claims, std::int64_t exp) {
    return json::extend_valid(claims, "exp", std::to_string(exp));
}

}  // namespace auth_gate::jwt
