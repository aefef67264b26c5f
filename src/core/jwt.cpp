#include "jwt.hpp"

#include "base64url.hpp"
#include "request_kind.hpp"

#include <algorithm>

namespace auth_gate::jwt {

namespace {

// {"alg":"HS256","typ":"JWT"}: what nearly every library writes, so it is not parsed again each time.
constexpr std::string_view usual_header = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

constexpr std::size_t signature_size = 43;  // 32 bytes in base64url

struct Parts {
    std::string_view header;
    std::string_view payload;
    std::string_view signature;
    std::string_view signed_text;
};

std::optional<Parts> split(std::string_view token) noexcept {
    const std::size_t first = token.find('.');
    if (first == std::string_view::npos) {
        return std::nullopt;
    }
    const std::size_t second = token.find('.', first + 1);
    if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
        return std::nullopt;
    }
    return Parts{token.substr(0, first), token.substr(first + 1, second - first - 1), token.substr(second + 1),
                 token.substr(0, second)};
}

Status check_header(std::string_view encoded) {
    if (encoded == usual_header) {
        return Status::valid;
    }
    const auto text = base64url::decode(encoded);
    if (!text) {
        return Status::malformed;
    }
    const json::Value header = json::parse_object(*text);
    if (header == nullptr) {
        return Status::bad_header;
    }
    if (json::string(json::member(header.get(), "alg")) != "HS256") {
        return Status::wrong_algorithm;
    }
    if (json::member(header.get(), "crit") != nullptr) {
        return Status::critical_header;
    }
    return Status::valid;
}

bool signature_matches(const Parts& parts, std::span<const HmacKey> keys) noexcept {
    Digest given;
    if (parts.signature.size() != signature_size || !base64url::decode(parts.signature, given.data())) {
        return false;
    }
    bool matches = false;
    for (const HmacKey& key : keys) {
        matches |= equal_constant_time(key.sign(parts.signed_text), given);
    }
    return matches;
}

struct Date {
    bool ok = true;  // absent or a number
    std::optional<double> seconds;
};

Date numeric_date(const json_t* claims, std::string_view name) noexcept {
    const json_t* value = json::member(claims, name);
    if (value == nullptr) {
        return {};
    }
    if (!json_is_number(value)) {
        return {false, std::nullopt};
    }
    return {true, json_number_value(value)};
}

// Doubles, so that no date and no leeway overflows; below 2^53 they are exact.
Status check_dates(const json_t* claims, const Checks& checks, std::optional<double>& exp_out) noexcept {
    const Date exp = numeric_date(claims, "exp");
    const Date nbf = numeric_date(claims, "nbf");
    const Date iat = numeric_date(claims, "iat");
    if (!exp.ok || !nbf.ok || !iat.ok) {
        return Status::bad_payload;
    }
    if (!exp.seconds && checks.require_exp) {
        return Status::no_expiry;
    }
    const double now = static_cast<double>(checks.now);
    const double leeway = static_cast<double>(checks.leeway);
    if (exp.seconds && now >= *exp.seconds + leeway) {
        return Status::expired;
    }
    if ((nbf.seconds && now + leeway < *nbf.seconds) || (iat.seconds && now + leeway < *iat.seconds)) {
        return Status::not_yet_valid;
    }
    exp_out = exp.seconds;
    return Status::valid;
}

}  // namespace

std::string_view sentence(Status status) noexcept {
    switch (status) {
    case Status::valid:
        return "the JWT is valid";
    case Status::too_large:
        return "the JWT is larger than allowed";
    case Status::malformed:
        return "the JWT is malformed";
    case Status::bad_header:
        return "the JWT's header is no proper JSON object";
    case Status::wrong_algorithm:
        return "the JWT's algorithm is not HS256";
    case Status::critical_header:
        return "the JWT has a crit header";
    case Status::bad_signature:
        return "the JWT's signature does not match";
    case Status::bad_payload:
        return "the JWT's payload is no proper claims set";
    case Status::no_expiry:
        return "the JWT has no exp claim";
    case Status::expired:
        return "the JWT has expired";
    case Status::not_yet_valid:
        return "the JWT's nbf or iat is in the future";
    case Status::not_a_session:
        return "the JWT has a purpose claim and is no session";
    case Status::no_user_id:
        return "the JWT names no user id";
    }
    return "";
}

Verified verify(std::string_view token, std::span<const HmacKey> keys, const Checks& checks) {
    const auto refused = [](Status status) { return Verified{status, {}}; };

    if (token.size() > checks.max_size) {
        return refused(Status::too_large);
    }
    const auto parts = split(token);
    if (!parts) {
        return refused(Status::malformed);
    }
    if (const Status status = check_header(parts->header); status != Status::valid) {
        return refused(status);
    }
    if (!signature_matches(*parts, keys)) {
        return refused(Status::bad_signature);
    }

    const auto payload = base64url::decode(parts->payload);
    if (!payload) {
        return refused(Status::malformed);
    }
    Verified verified;
    Session& session = verified.session;
    session.claims = json::parse_object(*payload);
    if (session.claims == nullptr) {
        return refused(Status::bad_payload);
    }
    if (json::member(session.claims.get(), "purpose") != nullptr) {
        return refused(Status::not_a_session);
    }
    if (const Status status = check_dates(session.claims.get(), checks, session.exp); status != Status::valid) {
        return refused(status);
    }
    auto user = UserId::from_json(json::member(session.claims.get(), checks.user_claim));
    if (!user) {
        return refused(Status::no_user_id);
    }
    session.user = std::move(*user);
    verified.status = Status::valid;
    return verified;
}

std::string sign(const UserId& user, std::string_view user_claim, std::int64_t iat, std::int64_t exp,
                 const HmacKey& key) {
    const std::string payload = "{" + json::quote(user_claim) + ":" + user.to_json() +
                                ",\"iat\":" + std::to_string(iat) + ",\"exp\":" + std::to_string(exp) + "}";

    std::string token(usual_header);
    token += '.';
    token += base64url::encode(payload);
    const Digest signature = key.sign(token);
    token += '.';
    base64url::append(token, signature);
    return token;
}

bool looks_like_jwt(std::string_view text) {
    constexpr std::string_view white = " \t\r\n";
    constexpr std::string_view scheme = "Bearer ";

    const std::size_t begin = std::min(text.find_first_not_of(white), text.size());
    text.remove_prefix(begin);
    text = text.substr(0, text.find_last_not_of(white) + 1);
    if (equal_ignoring_case(text.substr(0, scheme.size()), scheme)) {
        text.remove_prefix(scheme.size());
    }

    const auto parts = split(text);
    if (!parts || parts->payload.empty() || !base64url::is_alphabet(parts->payload) ||
        !base64url::is_alphabet(parts->signature)) {
        return false;
    }
    const auto header = base64url::decode(parts->header);
    const std::size_t first = header ? header->find_first_not_of(white) : std::string::npos;
    return first != std::string::npos && (*header)[first] == '{';
}

}  // namespace auth_gate::jwt
