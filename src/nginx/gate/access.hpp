// The decision on a request, as a row of stages.
#pragma once

#include "nginx/gate/stages.hpp"

#include <span>

namespace auth_gate {

// Access phase. nginx calls it again when what a stage waits for has come.
ngx_int_t access_handler(ngx_http_request_t* r) noexcept;

// Runs the stages, or goes on at the one that waited. NGX_OK: the request is let in; NGX_AGAIN: it waits; otherwise the
// status of its refusal. Throws bad_alloc.
ngx_int_t decide(ngx_http_request_t* r, std::span<const Stage> stages, const LocationConf& conf, RequestState& state);

}  // namespace auth_gate
