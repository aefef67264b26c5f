// app-config, app-settings and mfa/disable: where the policy is shown, set, and held against its own users.
#pragma once

#include "nginx/ngx/ngx.hpp"

namespace auth_gate {

// Precontent phase. With an upstream these extend its answer, without one they are it.
ngx_int_t settings_handler(ngx_http_request_t* r) noexcept;

}  // namespace auth_gate
