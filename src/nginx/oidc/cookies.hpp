// The cookies of a login: those that bind flows and one-time codes to the browser that began, and the session's.
#pragma once

#include "nginx/oidc/login_request.hpp"

#include "core/base/crypto.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace auth_gate {

// Sets a cookie for this path; max_age 0 removes it. Throws bad_alloc.
void set_cookie(LoginRequest& login, std::string_view name, std::string_view value, std::string_view path,
                std::int64_t max_age);

// A flow's cookie. On a site with https the browser takes none of this name from another host or from plain http, so
// that nobody can lend it theirs ("__Host-": RFC 6265bis, 4.1.3.2); such a cookie is the whole site's.
struct FlowCookie {
    std::string name;
    std::string value;
};

std::string flow_cookie_name(const LoginRequest& login, std::string_view state);
void set_flow_cookie(LoginRequest& login, const FlowCookie& cookie, std::int64_t max_age);
void remove_flow_cookie(LoginRequest& login, std::string_view name);

// The one that the browser was given with this binding; nothing when it is another browser.
std::optional<FlowCookie> find_flow_cookie(const LoginRequest& login, const Digest& binding);

// Removes those of the logins that this browser began and left, all but the last few.
void forget_old_flows(LoginRequest& login);

}  // namespace auth_gate
