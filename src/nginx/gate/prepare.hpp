// What a gated server does with each request before anything else reads it: secrets are covered, the path is brought
// into one form, no protocol but HTTP and WebSocket goes on.
#pragma once

#include "nginx/ngx/ngx.hpp"

namespace auth_gate {

// Server rewrite phase, before any rewrite.
ngx_int_t prepare_request(ngx_http_request_t* r) noexcept;

// Rewrite phase, before the location's rewrites. A request that nginx refuses by its line or its headers runs no phase,
// but `error_page 400 = @name` sends it into a location whose server rewrite phase it never had.
ngx_int_t prepare_late_request(ngx_http_request_t* r) noexcept;

}  // namespace auth_gate
