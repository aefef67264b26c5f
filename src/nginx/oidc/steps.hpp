// The first and the last step of each login endpoint, and what the endpoints have in common.
#pragma once

#include "nginx/oidc/login_request.hpp"

#include "core/identity/user_id.hpp"
#include "core/oidc/error.hpp"

namespace auth_gate {

constexpr std::string_view service_unavailable = R"({"error":"Service unavailable"})";

// For the log.
constexpr std::string_view private_address = "an administrator has set a private address";

// /login sends the browser to the provider; see login.cpp.
void begin_login(LoginRequest& login);
void fail_login(LoginRequest& login);

// /callback turns what the browser brings back into a user of the application; see callback.cpp.
void begin_callback(LoginRequest& login);
void fail_callback(LoginRequest& login);

// Both end a callback at the login page. NGX_LOG_ERR for failures of the provider or the application, which are the
// operator's to mend.
void fail_with(LoginRequest& login, std::string_view code, std::string_view why, ngx_uint_t level);
void fail(LoginRequest& login, oidc::LoginError error, std::string_view why, ngx_uint_t level = NGX_LOG_ERR);

// From the verified claims to a user of the application; see find_user.cpp.
void find_user(LoginRequest& login);

// The user gets a session: in a cookie, or through a one-time code for which /exchange hands out the JWT; see
// exchange.cpp. Throws bad_alloc.
void hand_out_session(LoginRequest& login, const UserId& user);
void begin_exchange(LoginRequest& login);
void fail_exchange(LoginRequest& login);

// A callback that is opened again after its login ended well, with a session's cookie, leads where the person wanted
// to go; see way_home.cpp. Both throw bad_alloc.
void keep_way_home(LoginRequest& login, LoginRequest::Step next);
bool has_good_session(LoginRequest& login);
void lead_home(LoginRequest& login);

// /logout signs out here, and at the provider if it supports that; see logout.cpp.
void begin_logout(LoginRequest& login);
void fail_logout(LoginRequest& login);

}  // namespace auth_gate
