// The decision on a request, as a row of stages.
#pragma once

#include "nginx/ngx/ngx.hpp"

namespace auth_gate {

// Access phase. nginx calls it again when what a stage waits for has come.
ngx_int_t access_handler(ngx_http_request_t* r) noexcept;

}  // namespace auth_gate
