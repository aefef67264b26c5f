// The last stage: only here does the gate change what the application gets.
#pragma once

#include "nginx/gate/stages.hpp"

namespace auth_gate {

// Stage 6: edits the headers of an admitted request, and watches its WebSocket.
Outcome admit(ngx_http_request_t* r, const LocationConf& conf, RequestState& state);

// Precontent phase: takes over a request that the gate refused and that another module let in, under `satisfy any`.
// An ambiguous path and another site's page stay refused.
ngx_int_t accept_other_module(ngx_http_request_t* r) noexcept;

}  // namespace auth_gate
