// WebSockets that are open while the policy changes: those of users without MFA are closed.
#pragma once

#include "nginx/conf/conf.hpp"

#include "core/http/websocket.hpp"

namespace auth_gate {

struct Context;

struct OpenSocket {
    ngx_queue_t queue;  // of this process; first
    ngx_http_request_t* request;
    const LocationConf* conf;
    bool to_check;
    ngx_uint_t failed_checks;

    ngx_send_pt send;                 // nginx's, behind the one that follows the frames
    websocket::FrameTracker frames;   // of the application, as far as they went to the client
    std::uint64_t close_deadline_ms;  // 0: not being closed
    bool close_sent;
    bool close_answered;
};

// Keeps an eye on a WebSocket that was let in, to its end.
void watch_socket(ngx_http_request_t* r, Context& context, const LocationConf& conf);

void forget_socket(OpenSocket& socket) noexcept;

// For init_process.
void start_watching(ngx_cycle_t* cycle) noexcept;

}  // namespace auth_gate
