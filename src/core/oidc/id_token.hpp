// Verification of id_tokens (OpenID Connect Core, 3.1.3.7; RFC 8725).
#pragma once

#include "core/json/json.hpp"
#include "core/oidc/jwks.hpp"

#include <cstdint>
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
    unknown_key,  // perhaps a new key: fetch the keys again, once
    bad_signature,
    bad_payload,
    wrong_issuer,
    wrong_audience,
    wrong_party,  // azp
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

struct IdTokenChecks {
    std::string_view issuer;  // with or without a slash at the end
    std::string_view client_id;
    std::string_view nonce;          // as sent; not empty
    std::string_view access_token;   // the one that came with the id_token, for at_hash
    std::int64_t now = 0;            // seconds since 1970
    std::int64_t leeway = 60;        // seconds of clock skew allowed for exp, iat and nbf
    std::int64_t longest_age = 600;  // seconds since iat; the token has just been issued
    std::size_t max_size = 32768;
};

struct IdToken {
    IdTokenStatus status = IdTokenStatus::malformed;
    std::string subject;  // 1 to 255 bytes; only when valid
    json::Value claims;   // only when valid
};

// The payload is not parsed before the signature has been verified.
IdToken verify_id_token(std::string_view token, const KeySet& keys, const IdTokenChecks& checks);

}  // namespace auth_gate::oidc
