// The login endpoints below a location with `auth_gate_oidc`: /login, /callback, /exchange, /logout.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include <string>

namespace auth_gate {

// Content phase.
ngx_int_t oidc_handler(ngx_http_request_t* r) noexcept;

// The location's path without a slash at the end.
std::string oidc_path(const ngx_http_core_loc_conf_t& core);

}  // namespace auth_gate
