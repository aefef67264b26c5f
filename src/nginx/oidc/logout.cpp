// /logout: signs out here, and at the provider if it supports that.

#include "nginx/oidc/cookies.hpp"
#include "nginx/oidc/steps.hpp"

#include "core/oidc/logout.hpp"

namespace auth_gate {

namespace {

void send_to_provider(LoginRequest& login);

}  // namespace

void begin_logout(LoginRequest& login) {
    if (login.conf.oidc.session_cookie.len != 0) {
        set_cookie(login, view(login.conf.oidc.session_cookie), "", "/", 0);
    }
    if (fault_of(login.config) != ConfigFault::none) {
        fail_logout(login);
        return;
    }
    login.with_metadata(send_to_provider, fail_logout);
}

namespace {

void send_to_provider(LoginRequest& login) {
    const std::string back = login.provider().app_url + login.provider().login_page;
    const std::string address =
        oidc::logout_url(login.documents.metadata, {
                                                       .client_id = login.config.values.client_id,
                                                       .post_logout_redirect_uri = back,
                                                   });
    login.redirect(address.empty() ? login.provider().login_page : address);
}

}  // namespace

// The cookie is removed all the same; only the provider's session goes on.
void fail_logout(LoginRequest& login) {
    login.redirect(login.provider().login_page);
}

}  // namespace auth_gate
