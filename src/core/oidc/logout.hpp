// Signing out at the provider as well (OpenID Connect RP-Initiated Logout, section 2).
#pragma once

#include "core/oidc/metadata.hpp"

#include <string>
#include <string_view>

namespace auth_gate::oidc {

struct LogoutRequest {
    std::string_view client_id;
    std::string_view post_logout_redirect_uri;  // empty: the provider's own page is the last
};

// Empty when the provider has no end_session_endpoint.
std::string logout_url(const Metadata& metadata, const LogoutRequest& request);

}  // namespace auth_gate::oidc
