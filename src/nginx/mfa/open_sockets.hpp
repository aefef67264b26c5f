// Open WebSockets: when the policy or a user's identity changes, those of users without MFA are closed. Each process
// looks twice a second for changes, and takes over the send functions of the socket's two connections: so it can send a
// close frame between two frames of the application.
#pragma once

#include "nginx/conf/conf.hpp"

#include "core/http/websocket.hpp"

namespace auth_gate {

struct RequestState;

struct OpenSocket {
    ngx_queue_t queue;
    ngx_http_request_t* request;
    const LocationConf* conf;
    bool must_check;           // whether its user has MFA
    ngx_uint_t failed_checks;  // in a row

    ngx_send_pt next_send;            // nginx's send function of the client connection
    websocket::FrameTracker frames;   // of the application, as far as they were sent to the client
    std::uint64_t close_deadline_ms;  // 0: not being closed
    bool close_sent;
    bool close_answered;
};

// Watches an admitted WebSocket until it ends. Throws bad_alloc.
void watch_socket(ngx_http_request_t* r, RequestState& state, const LocationConf& conf);

// For the end of the request.
void forget_socket(OpenSocket& socket) noexcept;

// For init_process.
void start_watching(ngx_cycle_t* cycle) noexcept;

}  // namespace auth_gate
