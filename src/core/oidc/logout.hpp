// Signing out at the provider (OpenID Connect RP-Initiated Logout, section 2).
#pragma once

#include "core/oidc/metadata.hpp"

#include <string>
#include <string_view>

namespace auth_gate::oidc {

struct LogoutRequest {
    std::string_view client_id;
    std::string_view post_logout_redirect_uri;  // empty: the browser stays at the provider
};

// Empty if the provider has no end_session_endpoint.
std::string logout_url(const Metadata& metadata, const LogoutRequest& request);

}  // namespace auth_gate::oidc
