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

// Seconds by which the clock of a JWT's signer may be ahead. That a JWT is not to be used yet is said by nbf, not by
// iat (RFC 7519, 4.1.5 and 4.1.6).
inline constexpr std::int64_t iat_leeway = 60;

// What is asked of a JWT each time that it is presented.
struct Checks {
    std::int64_t now = 0;     // seconds since 1970
    std::int64_t leeway = 0;  // seconds of clock skew allowed for exp and nbf; for iat it is at least iat_leeway
    std::size_t max_size = 8192;
    bool require_exp = true;
    std::string_view user_claim = "id";
};

// What a JWT says, whenever it is read. Dates are NumericDates (RFC 7519, section 2).
struct Session {
    UserId user;
    std::size_t key = 0;                                           // which of the keys has verified it
    double exp = std::numeric_limits<double>::infinity();          // infinite: there is none
    double not_before = -std::numeric_limits<double>::infinity();  // nbf
    double issued_at = -std::numeric_limits<double>::infinity();   // iat
    json::Claims claims;

    bool has_end() const noexcept { return exp < std::numeric_limits<double>::infinity(); }
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

// What was authenticated, if it may be used now: its dates, and its size in bytes.
Verified check(Verified authenticated, std::size_t size, const Checks& checks) noexcept;

// Both.
Verified verify(std::string_view token, std::span<const HmacKey> keys, const Checks& checks);

// {user_claim: user, iat, exp}, both in seconds since 1970, and behind them the members of another JSON object, if any.
std::string minimal_claims(const UserId& user, std::string_view user_claim, std::int64_t iat, std::int64_t exp,
                           std::string_view members = {});

// A JWT of this header, in base64url, and these claims, in JSON.
std::string sign(std::string_view header, std::string_view claims, const HmacKey& key);

// Whether there is something like a JWT anywhere in the text: three parts of base64url, of which the first begins like
// a JSON object. The last may be empty. That must not be in a URL.
bool contains_jwt(std::string_view text);

// The same, also for a JWE, whose second part may be empty (RFC 7516, 3.1).
bool contains_jwt_or_jwe(std::string_view text);

}  // namespace auth_gate::jwt
