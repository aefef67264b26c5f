// Closing an open WebSocket with a close frame. The gate takes over the send functions of its two connections, so that
// the frame gets between two frames of the application.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include "core/http/websocket.hpp"

namespace auth_gate {

struct OpenSocket;

enum class CloseReason : std::uint8_t {
    no_mfa,
    no_session,  // it has ended, or the application does not know the user
    undecided,   // nobody said in time whether the user has MFA
};

struct SocketClose {
    ngx_send_pt next_send;           // nginx's send function of the client connection
    websocket::FrameTracker frames;  // of the application, as far as they were sent to the client
    ngx_queue_t queue;               // while it is being closed
    std::uint64_t deadline_ms;       // 0: not being closed
    CloseReason why;
    bool sent;
    bool answered;

    bool has_begun() const noexcept { return deadline_ms != 0; }
};

// From the admission to the end of the request.
void follow_frames(OpenSocket& socket) noexcept;
void leave_frames(OpenSocket& socket) noexcept;

// Whether the application has accepted the handshake, and nothing has ended the socket since.
bool is_upgraded(const OpenSocket& socket) noexcept;

// For an upgraded socket. It may end later, never within this call. Throws bad_alloc.
void begin_close(OpenSocket& socket, CloseReason why);

// To be called until it returns false: nothing is being closed. Throws bad_alloc.
bool continue_closes(std::uint64_t now_ms);

// For init_process.
void start_closes() noexcept;

}  // namespace auth_gate
