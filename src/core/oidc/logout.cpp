#include "core/oidc/logout.hpp"

#include "core/http/url.hpp"

namespace auth_gate::oidc {

std::string logout_url(const Metadata& metadata, const LogoutRequest& request) {
    std::string location = metadata.end_session_endpoint;
    if (location.empty()) {
        return location;
    }
    url::add_parameter(location, "client_id", request.client_id);
    if (!request.post_logout_redirect_uri.empty()) {
        url::add_parameter(location, "post_logout_redirect_uri", request.post_logout_redirect_uri);
    }
    return location;
}

}  // namespace auth_gate::oidc
