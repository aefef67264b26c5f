// What another site's page may not do with a session that the browser sends by itself.
#pragma once

#include "nginx/gate/stages.hpp"

namespace auth_gate {

// For a request that a cookie let in: refuses one that opens a WebSocket or changes something at an endpoint of
// the gate, unless it comes from a page that `auth_gate_origin` admits. A body sent to such an endpoint must be JSON:
// a page of another origin cannot declare that without a preflight (Fetch standard, 2.2.2).
Outcome check_origin(ngx_http_request_t* r, const LocationConf& conf);

// For a request that its Authorization let in: refuses a WebSocket of a foreign page where browsers send the header by
// themselves. A client that is no browser names no page.
Outcome check_origin_of_opaque(ngx_http_request_t* r, const LocationConf& conf);

// Whether the refusal stands though another module lets the request in: its cookie would go on to the application.
bool is_of_origin(Refusal refusal) noexcept;

}  // namespace auth_gate
