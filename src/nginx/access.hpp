// The access phase: who is let in.
#pragma once

#include "ngx.hpp"

namespace auth_gate {

ngx_int_t access_handler(ngx_http_request_t* r) noexcept;

}  // namespace auth_gate
