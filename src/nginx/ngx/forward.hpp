// Sends a request to its application in a subrequest, so that the gate knows the answer before the client does.
#pragma once

#include "nginx/ngx/subrequest.hpp"

namespace auth_gate {

// The status that the application itself has given: error_page may make another one of it. Without an upstream, and
// where the upstream did not answer, the response's status.
ngx_uint_t application_status(const ngx_http_request_t* r) noexcept;

inline bool is_success(ngx_uint_t status) noexcept {
    return status >= 200 && status < 300;
}

// Such a request. It must live as long as the main request.
struct Forwarded : Subrequest {
    ngx_http_request_t* request = nullptr;
    ngx_int_t rc = NGX_ERROR;

    // When answered: the application said 2xx, and the answer is complete; or it said 4xx. With neither nobody knows
    // what it has done.
    bool succeeded = false;
    bool refused = false;

    ngx_uint_t status = 0;  // when answered: the application's own; 0 without a complete answer
};

// Asks the application, by the content handler of the request's location. The handler then returns NGX_AGAIN, and nginx
// calls it again when the application has answered. False when nginx cannot. Throws bad_alloc.
bool forward(ngx_http_request_t* r, Forwarded& forwarded);

// The same as a GET, whatever the request's method is.
bool forward_as_get(ngx_http_request_t* r, Forwarded& forwarded);

// Gives the client the application's answer, or what the location makes of it by error_page. Returns what a precontent
// handler returns. Throws bad_alloc.
ngx_int_t relay(ngx_http_request_t* r, Forwarded& forwarded);

}  // namespace auth_gate
