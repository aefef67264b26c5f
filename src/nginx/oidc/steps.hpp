// The first and the last step of each login endpoint, and what the endpoints have in common.
#pragma once

#include "nginx/oidc/login_request.hpp"

#include "core/identity/user_id.hpp"

namespace auth_gate {

constexpr std::string_view service_unavailable = R"({"error":"Service unavailable"})";

// /login sends the browser to the provider; see login.cpp.
void begin_login(LoginRequest& login);
void fail_login(LoginRequest& login);

// /callback turns what the browser brings back into a user of the application; see callback.cpp.
void begin_callback(LoginRequest& login);
void fail_callback(LoginRequest& login);

// The user gets a session: in a cookie, or through a one-time code for which /exchange hands out the JWT; see
// exchange.cpp. Throws bad_alloc.
void hand_out_session(LoginRequest& login, const UserId& user);
void begin_exchange(LoginRequest& login);
void fail_exchange(LoginRequest& login);

// /logout signs out here, and at the provider if it supports that; see logout.cpp.
void begin_logout(LoginRequest& login);
void fail_logout(LoginRequest& login);

}  // namespace auth_gate
