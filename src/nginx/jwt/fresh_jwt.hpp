// The JWT that the gate signs for the admitted user.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include <vector>

namespace auth_gate {

struct RequestState;

struct FreshJwt {
    ngx_str_t text{};                               // empty: not signed yet
    std::vector<ngx_str_t> former;                  // of users that the request was admitted for before
    ngx_http_log_handler_pt log_handler = nullptr;  // nginx's, behind the one that covers these JWTs

    // The next one is for another user. Throws bad_alloc.
    void retire();
};

// A JWT for the admitted user, signed when it is first asked for. Valid for as long as configured, but no longer than
// the session itself. Empty for a request without a user. Throws bad_alloc.
ngx_str_t fresh_jwt(ngx_http_request_t* r, RequestState& state);

}  // namespace auth_gate
