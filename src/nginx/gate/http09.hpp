// HTTP/0.9 has no headers, and so no credentials that the gate could read or replace.
#pragma once

#include "nginx/ngx/ngx.hpp"

namespace auth_gate {

// Server rewrite phase: answers 400 in a gated server.
ngx_int_t refuse_http09(ngx_http_request_t* r) noexcept;

}  // namespace auth_gate
