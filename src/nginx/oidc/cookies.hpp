// The cookies of a login: those that bind flows and one-time codes to the browser, and the session's.
#pragma once

#include "nginx/oidc/login_request.hpp"

#include "core/base/crypto.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace auth_gate {

// Which requests from other sites a browser sends the cookie with.
enum class SameSite : std::uint8_t {
    lax,   // links
    none,  // forms that are posted, too
};

// `max_age` in seconds; 0 removes the cookie. Throws bad_alloc.
void set_cookie(LoginRequest& login, std::string_view name, std::string_view value, std::string_view path,
                std::int64_t max_age, SameSite same_site = SameSite::lax);

// A flow's cookie. With https its name starts with "__Host-" (RFC 6265bis, 4.1.3.2): neither another host nor plain
// http can plant one in the browser. Such a cookie has the path "/".
struct FlowCookie {
    std::string name;
    std::string value;
};

std::string flow_cookie_name(const LoginRequest& login, std::string_view state);
void set_flow_cookie(LoginRequest& login, const FlowCookie& cookie, std::int64_t max_age);
void remove_flow_cookie(LoginRequest& login, std::string_view name);

// The cookie with this binding. Nothing if this is another browser.
std::optional<FlowCookie> find_flow_cookie(const LoginRequest& login, const Digest& binding);

// Removes the cookies of all but the last few logins that this browser has begun.
void forget_old_flows(LoginRequest& login);

}  // namespace auth_gate
