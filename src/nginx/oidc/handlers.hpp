// The endpoints of a login, below the location with `auth_gate_oidc`: login, callback, exchange, logout.
#pragma once

#include "nginx/oidc/login_request.hpp"

namespace auth_gate {

ngx_int_t oidc_handler(ngx_http_request_t* r) noexcept;

// Server rewrite phase: codes and states are read once, and covered in what nginx logs of the request.
ngx_int_t oidc_query_handler(ngx_http_request_t* r) noexcept;

// The location's path without a slash at its end.
std::string oidc_path(const ngx_http_core_loc_conf_t& core);

// The steps of the callback; see oidc/callback.cpp.
void begin_callback(OidcRequest& login);
void fail_callback(OidcRequest& login);

// The session of somebody who has logged in; see oidc/exchange.cpp. Throw bad_alloc.
void begin_exchange(OidcRequest& login);
void fail_exchange(OidcRequest& login);
void hand_out_session(OidcRequest& login, const UserId& user);

// What keeps a login from being possible.
enum class ConfigFault : std::uint8_t { none, not_configured, no_app_url, issuer_not_https };
ConfigFault fault_of(const OidcConfig& config);

// Where the provider sends the browser: from the configuration alone, never from the request.
std::string redirect_uri(const OidcRequest& login);

}  // namespace auth_gate
