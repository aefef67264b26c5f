// Exchanges the code for tokens: the token endpoint's request and answer (RFC 6749, 4.1.3, 5.1, 5.2).
#pragma once

#include "core/oidc/client_key.hpp"
#include "core/oidc/metadata.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace auth_gate::oidc {

struct TokenRequest {
    std::string_view client_id;
    std::string_view client_secret;  // empty: a public client
    std::string_view code;
    std::string_view redirect_uri;
    std::string_view verifier;
    std::string_view token_endpoint{};      // for whom the client's JWT is
    std::int64_t now = 0;                   // seconds since 1970, for the same
    const ClientKey* client_key = nullptr;  // signs it, instead of the secret
};

// Contains secrets; the caller wipes it.
struct TokenRequestText {
    std::string body;           // application/x-www-form-urlencoded
    std::string authorization;  // the header's value; empty: none
};

TokenRequestText token_request(const TokenRequest& request, ClientAuthentication authentication);

enum class TokenAnswerStatus : std::uint8_t {
    ok,
    refused,         // the code from the browser; `error` is the provider's error code
    client_refused,  // the gate itself; `error` as above
    bad_http_status,
    not_json,
    no_access_token,
    wrong_token_type,
    no_id_token,
};

struct TokenAnswer {
    TokenAnswerStatus status = TokenAnswerStatus::not_json;
    std::string id_token;
    std::string access_token;
    std::string error;        // empty, or as is_error_code() allows
    std::string description;  // as shown_description() allows
};

TokenAnswer parse_token_answer(unsigned http_status, std::string_view body);

std::string_view sentence(TokenAnswerStatus status) noexcept;

}  // namespace auth_gate::oidc
