// Which user of the application has logged in: read from verified claims, or answered by the application.
#pragma once

#include "core/identity/user_id.hpp"
#include "core/json/json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth_gate::oidc {

// Whether a claim says true. Some providers send a string.
bool says_true(const json_t* claim) noexcept;

// For a provider that never says whether an address is verified: if there is an address, and no word about it, it is
// taken as verified. Throws bad_alloc.
void assume_email_verified(json_t* claims);

enum class UserStatus : std::uint8_t { ok, no_claim, bad_claim, email_not_verified, bad_type };

std::string_view sentence(UserStatus status) noexcept;

struct UserFromClaims {
    UserStatus status = UserStatus::no_claim;
    UserId user;  // only when ok
};

// Whether there is an address, and the provider has verified it.
bool has_verified_email(const json_t* claims) noexcept;

// How the id is written into the session.
enum class UserIdType : std::uint8_t {
    own,  // as the claim has it; of a text without a type of its own, see user_from_text()
    integer,
    string,
};

// The user id at a path such as "sub" or "user.id". "email" requires email_verified to be true (and present): at a
// provider that does not verify addresses, anybody could enter somebody else's.
UserFromClaims user_from_claims(const json_t* claims, std::string_view path, UserIdType type = UserIdType::own);

// The user id that a site's configuration has made of the claims. A text of digits alone, as integers are written, is
// an integer, and no id if it is so large (2^53) that some readers of JSON take it for another; any other text is a
// string. With `integer` it must be one of 64 bits.
UserFromClaims user_from_text(std::string_view text, UserIdType type);

// The name of the claim, without regard to its letter case: nginx lower-cases the names of variables. The claim with
// just this name goes first. Null for none.
const json_t* claim_named(const json_t* claims, std::string_view name) noexcept;

// A claim as the variable $auth_gate_oidc_claim_NAME says it: numbers, objects and arrays as JSON. Nothing for an
// address that is not verified, and for a text with control characters.
std::optional<std::string> claim_text(const json_t* claims, std::string_view name);

// The body of the query to the application: the claims, without those of this one login (nonce, at_hash, c_hash), and
// with `invite` if there is one. A provider's own claim named "invite" is never passed on.
std::string application_query(const json_t* claims, std::string_view invite);

// What the application answered.
struct ApplicationAnswer {
    std::optional<UserId> user;
    std::string error;         // for oidc_error, if there is no user
    bool is_about_one = true;  // false: the path leads through an array of several, and nobody knows whom it means
};

// 2xx with an id at the path is a user, and an empty array on the way there is nobody: registration_disabled. 4xx with
// a
// {"code":…} or {"error":…} that is_error_code() allows is that error. Anything else is server_error.
ApplicationAnswer parse_application_answer(unsigned http_status, std::string_view body, std::string_view path = "id");

// The claims about authentication that count as two factors.
struct MfaTrust {
    std::vector<std::string> amr;  // one of these as or in the amr claim (RFC 8176), or
    std::vector<std::string> acr;  // one of these as the acr claim

    bool has_any() const noexcept { return !amr.empty() || !acr.empty(); }
    bool met_by(const json_t* id_token_claims) const;
};

}  // namespace auth_gate::oidc
