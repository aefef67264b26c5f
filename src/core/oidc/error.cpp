#include "core/oidc/error.hpp"

#include "core/base/ascii.hpp"

#include <algorithm>

namespace auth_gate::oidc {

std::string_view code_of(LoginError error) noexcept {
    switch (error) {
    case LoginError::missing_params:
        return "missing_params";
    case LoginError::invalid_state:
        return "invalid_state";
    case LoginError::not_configured:
        return "not_configured";
    case LoginError::issuer_not_https:
        return "issuer_not_https";
    case LoginError::token_failed:
        return "token_failed";
    case LoginError::no_id_token:
        return "no_id_token";
    case LoginError::id_token_invalid:
        return "id_token_invalid";
    case LoginError::subject_mismatch:
        return "subject_mismatch";
    case LoginError::no_email:
        return "no_email";
    case LoginError::registration_disabled:
        return "registration_disabled";
    case LoginError::server_error:
        return "server_error";
    }
    return "";
}

bool is_error_code(std::string_view text) noexcept {
    constexpr std::size_t longest = 64;
    return !text.empty() && text.size() <= longest && std::all_of(text.begin(), text.end(), [](char c) {
        return is_alphanumeric(c) || c == '_' || c == '.' || c == '-';
    });
}

}  // namespace auth_gate::oidc
