// A chosen JWT becomes the request's session.
#pragma once

#include "nginx/gate/stages.hpp"

namespace auth_gate {

// Verifies state.choice.credential by the location's keys and claims. On success the session is the request's
// subject.
Outcome verify_session(ngx_http_request_t* r, const LocationConf& conf, RequestState& state);

}  // namespace auth_gate
