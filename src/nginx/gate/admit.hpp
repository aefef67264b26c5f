// The last stage: only here does the gate change what the application gets.
#pragma once

#include "nginx/gate/stages.hpp"

namespace auth_gate {

// Stage 5: edits the headers of an admitted request, and watches its WebSocket.
Outcome admit(ngx_http_request_t* r, const LocationConf& conf, RequestState& state);

// Refuses a path that the application may read differently from nginx.
Outcome refuse_ambiguous_path(ngx_http_request_t* r, RequestState& state);

// Precontent phase: takes over a request that the gate refused and that another module let in, under `satisfy any`.
// An ambiguous path stays refused.
ngx_int_t accept_other_module(ngx_http_request_t* r) noexcept;

// Precontent phase: nginx has no access phase in subrequests, so a subrequest is refused here when its main request was
// not admitted to what the subrequest's location protects.
ngx_int_t refuse_unadmitted_subrequest(ngx_http_request_t* r) noexcept;

}  // namespace auth_gate
