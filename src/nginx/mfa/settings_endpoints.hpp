// The endpoints app-config, app-settings and mfa/disable: they show the policy, change it, and enforce it.
#pragma once

#include "nginx/ngx/ngx.hpp"

namespace auth_gate {

// Precontent phase. The endpoints extend the application's answer, or answer themselves where there is no application.
ngx_int_t settings_handler(ngx_http_request_t* r) noexcept;

}  // namespace auth_gate
