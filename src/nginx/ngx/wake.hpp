// A request that waits for somebody, and goes on.
#pragma once

#include "nginx/ngx/timer.hpp"

namespace auth_gate {

// Lets no event of the client run the phases until wake(). A client that leaves is noticed.
void park(ngx_http_request_t* r) noexcept;

// Has nginx notice a client that leaves, or has left already: then no other event comes. False when nginx cannot.
bool look_for_end(ngx_http_request_t* r) noexcept;

// Runs the phases again, from the handler that waited. The request may be gone afterwards.
void wake(ngx_http_request_t* r) noexcept;

// wake() for a waiter of a Pending<T>, from an event that is not the request's own.
void wake_request(void* request) noexcept;

// Wakes a request, or a subrequest, after a time. The connection's own timer would wake the request that is writing.
class WakeTimer {
public:
    // Null when memory runs out. It ends with the main request.
    static WakeTimer* make(ngx_http_request_t* r) noexcept;

    // Parks the request and wakes it after so many milliseconds. False when nginx cannot.
    bool wake_after(ngx_msec_t ms) noexcept;

private:
    Timer timer_;
    ngx_http_request_t* request_ = nullptr;
};

}  // namespace auth_gate
