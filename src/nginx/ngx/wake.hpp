// A request that waits for somebody, and goes on.
#pragma once

#include "nginx/ngx/ngx.hpp"

namespace auth_gate {

// Lets no event of the client run the phases until wake(). A client that leaves is noticed.
void park(ngx_http_request_t* r) noexcept;

// Runs the phases again, from the handler that waited. The request may be gone afterwards.
void wake(ngx_http_request_t* r) noexcept;

// wake() for a waiter of a Pending<T>, from an event that is not the request's own.
void wake_request(void* request) noexcept;

// Parks the request and wakes it after so many milliseconds. False when nginx cannot.
bool wake_after(ngx_http_request_t* r, ngx_msec_t ms) noexcept;

}  // namespace auth_gate
