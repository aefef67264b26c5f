#include "core/jwt/jwt.hpp"

#include "core/base/base64url.hpp"
#include "core/http/request_traits.hpp"
#include "core/jwt/jws.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace auth_gate::jwt {

namespace {

constexpr std::size_t signature_size = 43;  // 32 bytes in base64url

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

bool signature_matches(const jws::Parts& parts, std::span<const HmacKey> keys) noexcept {
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

Status decode_claims(std::string_view encoded, json::Claims& claims) {
    constexpr std::size_t usual_size = 1024;
    std::array<std::uint8_t, usual_size> usual;
    std::vector<std::uint8_t> large;
    const std::size_t size = base64url::decoded_size(encoded.size());
    std::uint8_t* payload = usual.data();
    if (size > usual.size()) {
        large.resize(size);
        payload = large.data();
    }
    if (!base64url::decode(encoded, payload)) {
        return Status::malformed;
    }
    claims = json::Claims::parse_object({reinterpret_cast<const char*>(payload), size});
    return claims ? Status::valid : Status::bad_payload;
}

// False for a date that is no number.
bool read_date(Session& session, std::string_view name, const json::Claim& claim) noexcept {
    const bool ends = name == "exp";
    if (!ends && name != "nbf" && name != "iat") {
        return true;
    }
    const auto date = claim.number();
    if (ends) {
        session.exp = date;
    } else if (date) {
        session.begin = std::max(session.begin, *date);
    }
    return date.has_value();
}

Status read_claims(Session& session, std::string_view user_claim) {
    std::optional<UserId> user;
    Status status = Status::valid;
    session.claims.for_each([&](std::string_view name, const json::Claim& claim) {
        if (name == "purpose") {
            status = Status::not_a_session;
        } else if (!read_date(session, name, claim)) {
            status = Status::bad_payload;
        } else if (name == user_claim) {
            user = UserId::from_json(claim);
        }
        return status == Status::valid;
    });
    if (status != Status::valid) {
        return status;
    }
    if (!user) {
        return Status::no_user_id;
    }
    session.user = std::move(*user);
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

Verified authenticate(std::string_view token, std::span<const HmacKey> keys, std::string_view user_claim) {
    const auto parts = jws::split(token);
    if (!parts) {
        return {Status::malformed, nullptr};
    }
    if (const Status status = check_header(parts->header); status != Status::valid) {
        return {status, nullptr};
    }
    if (!signature_matches(*parts, keys)) {
        return {Status::bad_signature, nullptr};
    }
    const auto session = std::make_shared<Session>();
    if (const Status status = decode_claims(parts->payload, session->claims); status != Status::valid) {
        return {status, nullptr};
    }
    if (const Status status = read_claims(*session, user_claim); status != Status::valid) {
        return {status, nullptr};
    }
    return {Status::valid, session};
}

// Doubles, so that no date and no leeway overflows; below 2^53 they are exact.
Status check_dates(const Session& session, const Checks& checks) noexcept {
    if (!session.exp && checks.require_exp) {
        return Status::no_expiry;
    }
    const double now = static_cast<double>(checks.now);
    const double leeway = static_cast<double>(checks.leeway);
    if (session.exp && now >= *session.exp + leeway) {
        return Status::expired;
    }
    return now + leeway < session.begin ? Status::not_yet_valid : Status::valid;
}

Verified verify(std::string_view token, std::span<const HmacKey> keys, const Checks& checks) {
    if (token.size() > checks.max_size) {
        return {Status::too_large, nullptr};
    }
    Verified verified = authenticate(token, keys, checks.user_claim);
    if (verified.status == Status::valid) {
        verified.status = check_dates(*verified.session, checks);
    }
    if (verified.status != Status::valid) {
        verified.session = nullptr;
    }
    return verified;
}

std::string sign(const UserId& user, std::string_view user_claim, std::int64_t iat, std::int64_t exp,
                 const HmacKey& key) {
    constexpr std::size_t usual_payload = 96;
    std::string payload;
    payload.reserve(usual_payload);
    payload.append("{").append(json::quote(user_claim)).append(":").append(user.to_json());
    payload.append(",\"iat\":").append(std::to_string(iat)).append(",\"exp\":").append(std::to_string(exp)).append("}");

    std::string token;
    token.reserve(usual_header.size() + base64url::encoded_size(payload.size()) + signature_size + 2);
    token.append(usual_header).append(".");
    base64url::append(token, payload);
    const Digest signature = key.sign(token);
    token.append(".");
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

    const auto parts = jws::split(text);
    if (!parts || parts->payload.empty() || !base64url::is_alphabet(parts->payload) ||
        !base64url::is_alphabet(parts->signature)) {
        return false;
    }
    const auto header = base64url::decode(parts->header);
    const std::size_t first = header ? header->find_first_not_of(white) : std::string::npos;
    return first != std::string::npos && (*header)[first] == '{';
}

}  // namespace auth_gate::jwt
