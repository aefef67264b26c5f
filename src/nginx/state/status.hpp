// The page of `auth_gate_status`: the counters as JSON, or in Prometheus's text format.
#pragma once

#include "nginx/ngx/ngx.hpp"

namespace auth_gate {

// Content handlers.
ngx_int_t status_json_handler(ngx_http_request_t* r) noexcept;
ngx_int_t status_prometheus_handler(ngx_http_request_t* r) noexcept;

}  // namespace auth_gate
