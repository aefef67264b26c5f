// The access phase: who is let in.
#pragma once

#include "nginx/ngx/ngx.hpp"

namespace auth_gate {

ngx_int_t access_handler(ngx_http_request_t* r) noexcept;

// Precontent phase: nothing of a refusal is left once the request has been let in all the same.
ngx_int_t guard_handler(ngx_http_request_t* r) noexcept;

}  // namespace auth_gate
