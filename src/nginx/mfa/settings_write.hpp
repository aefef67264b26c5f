// A change of the settings by an administrator: one PUT, from its body to its answer.
#pragma once

#include "nginx/gate/request_state.hpp"

namespace auth_gate {

// For an administrator's PUT with its body read. Returns what the handler is to return: NGX_DECLINED leaves the request
// to the application, which answers for its own settings.
ngx_int_t put_settings(ngx_http_request_t* r, RequestState& state);

}  // namespace auth_gate
