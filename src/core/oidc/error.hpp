// Why a login failed: the codes that the login page reads from `oidc_error`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace auth_gate::oidc {

enum class LoginError : std::uint8_t {
    missing_params,
    invalid_state,
    not_configured,
    issuer_not_https,
    token_failed,
    no_id_token,
    id_token_invalid,
    subject_mismatch,
    no_email,
    registration_disabled,
    server_error,
};

// The code as the login page knows it.
std::string_view code_of(LoginError error) noexcept;

// Whether a foreign error code may be passed on: 1 to 64 characters of A-Z a-z 0-9 _ . -
bool is_error_code(std::string_view text) noexcept;

// Whether it is one of those that a provider may send with the browser (RFC 6749, 4.1.2.1; OpenID Connect Core,
// 3.1.2.6).
bool is_standard_error_code(std::string_view text) noexcept;

// What a provider says about an error, fit to be shown: UTF-8 without control characters, at most 512 bytes.
std::string shown_description(std::string_view text);

// The same, fit for a log: ASCII, in quotes, with a blank before it; empty if there is none.
std::string logged_description(std::string_view text);

}  // namespace auth_gate::oidc
