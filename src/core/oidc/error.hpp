// Why a login failed: the codes that the login page reads from `oidc_error`.
#pragma once

#include <cstdint>
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

}  // namespace auth_gate::oidc
