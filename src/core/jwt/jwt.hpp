// JSON Web Tokens with HS256, verified and signed (RFC 7515, 7519, 8725).
#pragma once

#include "core/base/crypto.hpp"
#include "core/identity/user_id.hpp"
#include "core/json/claims.hpp"

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace auth_gate::jwt {

enum class Status : std::uint8_t {
    valid,
    too_large,
    malformed,
    bad_header,
    wrong_algorithm,
    critical_header,
    bad_signature,
    bad_payload,
    no_expiry,
    expired,
    not_yet_valid,
    not_a_session,
    no_user_id,
};

// What the operator reads in the log.
std::string_view sentence(Status status) noexcept;

// {"alg":"HS256","typ":"JWT"} in base64url: what nearly every library writes.
inline constexpr std::string_view usual_header = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

// What is asked of a JWT each time that it is presented.
struct Checks {
    std::int64_t now = 0;     // seconds since 1970
    std::int64_t leeway = 0;  // seconds of clock skew allowed for exp, nbf and iat
    std::size_t max_size = 8192;
    bool require_exp = true;
    std::string_view user_claim = "id";
};

// What a JWT says, whenever it is read. Dates are NumericDates (RFC 7519, section 2).
struct Session {
    UserId user;
    std::optional<double> exp;
    double begin = -std::numeric_limits<double>::infinity();  // the later one of nbf and iat
    json::Claims claims;
};

struct Verified {
    Status status = Status::malformed;
    std::shared_ptr<const Session> session;  // only when valid
};

// Verifies a compact JWS against each key, and reads it. The payload is not looked at before a signature matched.
// The dates are not compared with anything: what is valid stays so.
Verified authenticate(std::string_view token, std::span<const HmacKey> keys, std::string_view user_claim);

// Whether the session has begun and not ended.
Status check_dates(const Session& session, const Checks& checks) noexcept;

// Both, and the size.
Verified verify(std::string_view token, std::span<const HmacKey> keys, const Checks& checks);

// {user_claim: user, iat, exp}, both in seconds since 1970.
std::string sign(const UserId& user, std::string_view user_claim, std::int64_t iat, std::int64_t exp,
                 const HmacKey& key);

// Three parts of base64url of which the first begins like a JSON object, perhaps with "Bearer" or white space around
// it: what must not be in a URL.
bool looks_like_jwt(std::string_view text);

}  // namespace auth_gate::jwt
