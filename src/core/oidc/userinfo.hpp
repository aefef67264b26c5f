// The userinfo endpoint's answer (OpenID Connect Core, 5.3.2): JSON, or a signed JWT.
#pragma once

#include "core/json/json.hpp"
#include "core/oidc/jwks.hpp"

#include <cstdint>
#include <string_view>

namespace auth_gate::oidc {

enum class UserinfoStatus : std::uint8_t {
    ok,
    not_json,
    bad_token,
    wrong_key,  // perhaps there is a new one: fetch the keys again, once
    wrong_party,
    wrong_time,
    no_subject,
    subject_mismatch,
};

std::string_view sentence(UserinfoStatus status) noexcept;

struct Userinfo {
    UserinfoStatus status = UserinfoStatus::not_json;
    json::Value claims;  // only when ok: the id_token's claims, and those that only userinfo has
};

// For an answer that is a JWT.
struct UserinfoChecks {
    const KeySet& keys;
    std::string_view issuer;
    std::string_view client_id;
    std::int64_t now = 0;  // seconds since 1970
    std::int64_t leeway = 60;
};

// Adds the answer to the id_token's claims. email and email_verified are taken from the same document. MfaTrust must
// see the id_token's claims only, not these.
Userinfo with_userinfo(const json_t* id_token_claims, std::string_view answer, const UserinfoChecks& checks);

}  // namespace auth_gate::oidc
