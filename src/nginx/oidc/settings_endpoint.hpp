// GET and PUT of a provider's settings for administrators: `auth_gate_oidc_settings`.
#pragma once

#include "nginx/ngx/ngx.hpp"

namespace auth_gate {

// Precontent phase.
ngx_int_t oidc_settings_handler(ngx_http_request_t* r) noexcept;

}  // namespace auth_gate
