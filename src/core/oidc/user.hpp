// Who somebody is in the application, from verified claims alone or by asking the application.
#pragma once

#include "core/identity/user_id.hpp"
#include "core/json/json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth_gate::oidc {

enum class UserinfoStatus : std::uint8_t { ok, not_json, no_subject, subject_mismatch };

std::string_view sentence(UserinfoStatus status) noexcept;

struct Userinfo {
    UserinfoStatus status = UserinfoStatus::not_json;
    json::Value claims;  // when ok: the id_token's claims, and those that only userinfo has
};

// Adds what the userinfo endpoint answered (OpenID Connect Core, 5.3.2). An e-mail address and whether it is verified
// come from the same document. Ask MfaTrust with the id_token's claims, not with these.
Userinfo with_userinfo(const json_t* id_token_claims, std::string_view userinfo_body);

enum class UserStatus : std::uint8_t { ok, no_claim, bad_claim, email_not_verified };

std::string_view sentence(UserStatus status) noexcept;

struct UserFromClaims {
    UserStatus status = UserStatus::no_claim;
    UserId user;  // only when ok
};

// The user id at a path such as "sub" or "user.id". "email" counts only with an email_verified that is true: whoever
// can enter any address at a provider that does not check it would be anybody. A missing one is as good as false.
UserFromClaims user_from_claims(const json_t* claims, std::string_view path);

// The body of the question to the application: the claims, without those that are about this one login (nonce,
// at_hash, c_hash), and with `invite` where there is one. A claim of the provider called "invite" never gets through.
std::string application_query(const json_t* claims, std::string_view invite);

// What the application answered.
struct ApplicationAnswer {
    std::optional<UserId> user;
    std::string error;  // without a user: what to say in oidc_error
};

// 2xx with {"id":…} is a user. 4xx with {"code":…} or {"error":…} that is_error_code() is that error; everything else
// is server_error.
ApplicationAnswer parse_application_answer(unsigned http_status, std::string_view body);

// What a provider has to say of how it authenticated somebody for that to count as two factors.
struct MfaTrust {
    std::vector<std::string> amr;  // any one of these in the amr claim (RFC 8176), or
    std::vector<std::string> acr;  // one of these as the acr claim

    // Nothing is trusted by default.
    bool has_any() const noexcept { return !amr.empty() || !acr.empty(); }
    bool met_by(const json_t* id_token_claims) const;
};

}  // namespace auth_gate::oidc
