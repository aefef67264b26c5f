// Verification of id_tokens (OpenID Connect Core, 3.1.3.7; RFC 8725).
#pragma once

#include "core/json/json.hpp"
#include "core/oidc/jwks.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace auth_gate::oidc {

enum class IdTokenStatus : std::uint8_t {
    valid,
    too_large,
    malformed,
    bad_header,
    wrong_algorithm,
    critical_header,
    wrong_type,
    unknown_key,    // perhaps there is a new key: fetch the keys again, once
    bad_signature,  // perhaps a new key has the old one's kid: likewise
    bad_payload,
    wrong_issuer,
    wrong_audience,
    wrong_party,  // azp
    wrong_tenant,
    no_expiry,
    expired,
    no_issue_time,
    issued_in_the_future,
    issued_too_long_ago,
    not_yet_valid,
    no_subject,
    wrong_nonce,
    wrong_access_token_hash,
};

// For the log.
std::string_view sentence(IdTokenStatus status) noexcept;

struct SignedClaims {
    IdTokenStatus status = IdTokenStatus::malformed;
    Algorithm algorithm{};
    std::string key_issuer;  // see issuer_of()
    json::Value claims;      // only when valid
};

// What a JWT by the provider says, id_token or not. The payload is not parsed before the signature has been verified.
SignedClaims verify_signed(std::string_view token, const KeySet& keys, std::size_t max_size);

// Whether an aud claim names the client, alone or in an array of strings.
bool is_for(const json_t* audience, std::string_view client_id) noexcept;

// The sub claim: 1 to 255 bytes, or an integer's digits, which some providers send.
std::optional<std::string> subject_of(const json_t* claims);

struct IdTokenChecks {
    std::string_view issuer;  // with or without a slash at the end; may be a template for tenants
    std::string_view client_id;
    std::string_view nonce;          // as sent; not empty
    bool nonce_optional = false;     // a token without one will do; PKCE binds the code to the browser's login
    std::string_view access_token;   // the one that came with the id_token, for at_hash
    std::int64_t now = 0;            // seconds since 1970
    std::int64_t leeway = 60;        // seconds of clock skew allowed for exp, iat and nbf
    std::int64_t longest_age = 600;  // seconds since iat; the token has just been issued
    std::size_t max_size = 32768;
    std::span<const std::string> tenants{};  // those that may log in, by the tid claim; none: there are no tenants
};

struct IdToken {
    IdTokenStatus status = IdTokenStatus::malformed;
    std::string subject;  // 1 to 255 bytes; only when valid
    json::Value claims;   // only when valid
};

IdToken verify_id_token(std::string_view token, const KeySet& keys, const IdTokenChecks& checks);

}  // namespace auth_gate::oidc
