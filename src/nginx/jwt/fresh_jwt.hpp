// The JWT that the gate signs on behalf of the session that let a request in.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include <vector>

namespace auth_gate {

struct RequestState;

struct FreshJwt {
    ngx_str_t text{};                               // empty: not signed yet
    std::vector<ngx_str_t> former;                  // of users that the request was admitted for before
    bool of_lookup = false;                         // `text` is of a lookup, and is in no log once that has ended
    ngx_http_log_handler_pt log_handler = nullptr;  // nginx's, where this JWT was the first to be covered

    // The next one is for another user. Throws bad_alloc.
    void retire();

    // The next one is for a lookup long after the admission, when this one may have expired. Throws bad_alloc.
    void renew();
};

// Signed when it is first asked for: the session's own header and claims with an earlier end, or what
// auth_gate_upstream_jwt makes of it. Valid for as long as configured, but no longer than the session itself. Empty for
// a request without a user. Throws bad_alloc.
ngx_str_t fresh_jwt(ngx_http_request_t* r, RequestState& state);

}  // namespace auth_gate
