#include "core/jwt/jwt.hpp"

#include "core/base/ascii.hpp"
#include "core/base/base64url.hpp"
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

// The first key whose signature this is. Always tries all of them.
std::optional<std::size_t> signing_key(const jws::Parts& parts, std::span<const HmacKey> keys) noexcept {
    Digest given;
    if (parts.signature.size() != signature_size || !base64url::decode(parts.signature, given.data())) {
        return std::nullopt;
    }
    std::optional<std::size_t> found;
    for (std::size_t i = keys.size(); i-- > 0;) {
        if (equal_constant_time(keys[i].sign(parts.signed_text), given)) {
            found = i;
        }
    }
    return found;
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
    if (name == "exp") {
        const auto number = claim.number();
        session.exp = number.value_or(session.exp);
        return number.has_value();
    }
    double* begin = name == "nbf" ? &session.not_before : name == "iat" ? &session.issued_at : nullptr;
    if (begin == nullptr) {
        return true;
    }
    const auto date = claim.number();
    *begin = date.value_or(*begin);
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

// Whether it decodes to what ends like a JSON object. The characters are those of base64url.
bool ends_like_object(std::string_view encoded) {
    const std::size_t rest = encoded.size() % 4;
    const auto end = base64url::decode(encoded.substr(encoded.size() - (rest == 0 ? 4 : rest)));
    return end && !end->empty() && end->find_last_not_of(" \t\r\n") != std::string::npos &&
           (*end)[end->find_last_not_of(" \t\r\n")] == '}';
}

// Whether a header stands at the end of a run, behind other characters of the alphabet.
bool has_header_within(std::string_view run) {
    static constexpr std::string_view begins[] = {"eyJ", "eyA", "ewo", "ewk", "ew0"};  // `{` and `"` or white space
    for (std::size_t at = run.find('e'); at != std::string_view::npos; at = run.find('e', at + 1)) {
        const std::string_view rest = run.substr(at);
        const bool may =
            rest.size() > 4 && std::find(std::begin(begins), std::end(begins), rest.substr(0, 3)) != std::end(begins);
        if (may && ends_like_object(rest)) {
            return true;
        }
    }
    return false;
}

// Whether the last run of base64url in a text begins like a JSON object, or has one at its end.
bool ends_with_header(std::string_view text) {
    const auto is_outside = [](char c) { return !is_alphanumeric(c) && c != '-' && c != '_'; };
    const auto begin = std::find_if(text.rbegin(), text.rend(), is_outside).base();
    const std::string_view run = text.substr(static_cast<std::size_t>(begin - text.begin()));
    const auto header = base64url::decode(run);
    const std::size_t first = header ? header->find_first_not_of(" \t\r\n") : std::string::npos;
    return (first != std::string::npos && (*header)[first] == '{') || has_header_within(run);
}

// Whether there is a header somewhere, and behind it, between two dots, what may be a second part.
template <typename IsPart>
bool contains(std::string_view text, IsPart&& is_part) {
    std::size_t first = text.find('.');
    while (first != std::string_view::npos) {
        const std::size_t second = text.find('.', first + 1);
        if (second == std::string_view::npos) {
            return false;
        }
        if (is_part(text.substr(first + 1, second - first - 1)) && ends_with_header(text.substr(0, first))) {
            return true;
        }
        first = second;
    }
    return false;
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
    const auto key = signing_key(*parts, keys);
    if (!key) {
        return {Status::bad_signature, nullptr};
    }
    const auto session = std::make_shared<Session>();
    session->key = *key;
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
    if (!session.has_end() && checks.require_exp) {
        return Status::no_expiry;
    }
    const double now = static_cast<double>(checks.now);
    const double leeway = static_cast<double>(checks.leeway);
    if (now >= session.exp + leeway) {
        return Status::expired;
    }
    const double iat_latest = now + std::max(leeway, static_cast<double>(iat_leeway));
    return now + leeway < session.not_before || iat_latest < session.issued_at ? Status::not_yet_valid : Status::valid;
}

Verified check(Verified authenticated, std::size_t size, const Checks& checks) noexcept {
    if (size > checks.max_size) {
        return {Status::too_large, nullptr};
    }
    if (authenticated.status == Status::valid) {
        authenticated.status = check_dates(*authenticated.session, checks);
    }
    if (authenticated.status != Status::valid) {
        authenticated.session = nullptr;
    }
    return authenticated;
}

Verified verify(std::string_view token, std::span<const HmacKey> keys, const Checks& checks) {
    if (token.size() > checks.max_size) {
        return {Status::too_large, nullptr};
    }
    return check(authenticate(token, keys, checks.user_claim), token.size(), checks);
}

std::string minimal_claims(const UserId& user, std::string_view user_claim, std::int64_t iat, std::int64_t exp,
                           std::string_view members) {
    constexpr std::size_t usual_size = 96;
    std::string claims;
    claims.reserve(usual_size + members.size());
    claims.append("{").append(json::quote(user_claim)).append(":").append(user.to_json());
    claims.append(",\"iat\":").append(std::to_string(iat)).append(",\"exp\":").append(std::to_string(exp));
    claims.append(members.empty() ? "" : ",").append(members).append("}");
    return claims;
}

std::string sign(std::string_view header, std::string_view claims, const HmacKey& key) {
    std::string token;
    token.reserve(header.size() + base64url::encoded_size(claims.size()) + signature_size + 2);
    token.append(header).append(".");
    base64url::append(token, claims);
    const Digest signature = key.sign(token);
    token.append(".");
    base64url::append(token, signature);
    return token;
}

bool contains_jwt(std::string_view text) {
    return contains(text, [](std::string_view payload) { return !payload.empty() && base64url::is_alphabet(payload); });
}

bool contains_jwt_or_jwe(std::string_view text) {
    return contains(text, base64url::is_alphabet);
}

}  // namespace auth_gate::jwt
