#include "core/oidc/error.hpp"

#include "core/base/ascii.hpp"
#include "core/json/json.hpp"

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

bool is_standard_error_code(std::string_view text) noexcept {
    constexpr std::string_view codes[] = {
        "invalid_request",
        "unauthorized_client",
        "access_denied",
        "unsupported_response_type",
        "invalid_scope",
        "server_error",
        "temporarily_unavailable",
        "interaction_required",
        "login_required",
        "account_selection_required",
        "consent_required",
        "invalid_request_uri",
        "invalid_request_object",
        "request_not_supported",
        "request_uri_not_supported",
        "registration_not_supported",
        "unmet_authentication_requirements",
    };
    return std::find(std::begin(codes), std::end(codes), text) != std::end(codes);
}

std::string shown_description(std::string_view text) {
    constexpr std::size_t longest = 512;
    std::size_t size = std::min(text.size(), longest);
    while (size < text.size() && size != 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) {
        --size;  // no character is cut in two
    }
    std::string shown(text.substr(0, size));
    const bool is_utf8 = json::Value(json_stringn(shown.data(), shown.size())) != nullptr;
    for (std::size_t i = 0; i < shown.size(); ++i) {
        const auto byte = static_cast<unsigned char>(shown[i]);
        const bool is_c1 = byte == 0xc2 && i + 1 < shown.size() && static_cast<unsigned char>(shown[i + 1]) < 0xa0;
        if (byte < 0x20 || byte == 0x7f) {
            shown[i] = ' ';
        } else if (is_c1 && is_utf8) {
            shown.replace(i, 2, " ");
        } else if (byte >= 0x80 && !is_utf8) {
            shown[i] = '?';
        }
    }
    return shown;
}

std::string logged_description(std::string_view text) {
    if (text.empty()) {
        return {};
    }
    std::string logged = shown_description(text);
    std::replace_if(
        logged.begin(), logged.end(), [](char c) { return !is_printable(c) || c == '"'; }, '?');
    return " \"" + logged + '"';
}

}  // namespace auth_gate::oidc
