#include "nginx/mfa/socket_close.hpp"

#include "nginx/gate/request_state.hpp"
#include "nginx/mfa/open_sockets.hpp"
#include "nginx/state/zone.hpp"

#include "core/http/refusal.hpp"

namespace auth_gate {

namespace {

// The time for the application to complete its frame, and for the client to answer the close frame.
constexpr std::uint64_t close_timeout_ms = 2'000;
constexpr int most_at_once = 256;  // so that many sockets do not hold up what else the worker does

ngx_queue_t closing;  // of this process

struct CloseCode {
    std::uint16_t number;
    std::string_view reason;
};

// As for a handshake that is refused.
CloseCode code_of(Refusal refusal) noexcept {
    const RefusalAnswer& answer = answer_to(refusal);
    return {answer.websocket_code, answer.websocket_reason};
}

CloseCode code_of(CloseReason why) noexcept {
    switch (why) {
    case CloseReason::no_mfa:
        return code_of(Refusal::mfa_required);
    case CloseReason::no_session:
        return code_of(Refusal::bad_credentials);
    case CloseReason::undecided:
        break;
    }
    return code_of(Refusal::unavailable);
}

void terminate(OpenSocket& socket) noexcept {
    ngx_http_request_t* r = socket.request;
    ngx_connection_t* c = r->connection;
    // The upstream's clean-up releases a reference. It must not be the last one while nginx runs the clean-ups.
    r->main->count++;
    ngx_http_finalize_request(r, NGX_ERROR);
    ngx_http_run_posted_requests(c);
}

OpenSocket* socket_of(const ngx_connection_t* c) noexcept {
    const RequestState* state = find_state(static_cast<ngx_http_request_t*>(c->data));
    return state == nullptr ? nullptr : state->socket;
}

// The client connection's send function: it follows the application's frames, and stops them after our close frame.
ssize_t send_to_client(ngx_connection_t* c, u_char* buffer, size_t size) noexcept {
    SocketClose& close = socket_of(c)->close;
    if (close.sent) {
        return static_cast<ssize_t>(size);
    }
    const ssize_t sent = close.next_send(c, buffer, size);
    if (sent > 0) {
        close.frames.consume({chars(buffer), static_cast<std::size_t>(sent)});
    }
    return sent;
}

// The upstream connection's send function while a socket is being closed: what the client sends is discarded.
ssize_t discard_from_client(ngx_connection_t* c, u_char*, size_t size) noexcept {
    if (OpenSocket* socket = socket_of(c)) {
        socket->close.answered |= socket->close.sent;
    }
    return static_cast<ssize_t>(size);
}

// Sends the close frame, if the application's last frame is complete.
void try_to_send(OpenSocket& socket) {
    SocketClose& close = socket.close;
    ngx_connection_t* c = socket.request->connection;
    const ngx_buf_t& pending = socket.request->upstream->buffer;
    if (!close.frames.at_boundary() || pending.pos != pending.last || c->buffered || !c->write->ready) {
        return;
    }
    const CloseCode code = code_of(close.why);
    std::string frame = websocket::close_frame(code.number, code.reason);
    close.sent = close.next_send(c, bytes(frame.data()), frame.size()) == static_cast<ssize_t>(frame.size());
}

// May end the socket.
void continue_close(OpenSocket& socket, std::uint64_t now_ms) {
    const SocketClose& close = socket.close;
    if (!is_upgraded(socket)) {
        return;  // it has ended in the meantime
    }
    if (close.answered || now_ms >= close.deadline_ms) {
        terminate(socket);
    } else if (!close.sent) {
        try_to_send(socket);
    }
}

}  // namespace

void follow_frames(OpenSocket& socket) noexcept {
    socket.close.next_send = std::exchange(socket.request->connection->send, send_to_client);
}

void leave_frames(OpenSocket& socket) noexcept {
    socket.request->connection->send = socket.close.next_send;
    if (socket.close.has_begun()) {
        ngx_queue_remove(&socket.close.queue);
    }
}

bool is_upgraded(const OpenSocket& socket) noexcept {
    const ngx_http_upstream_t* upstream = socket.request->upstream;
    return upstream != nullptr && upstream->upgrade == 1 && upstream->peer.connection != nullptr;
}

void begin_close(OpenSocket& socket, CloseReason why) {
    ngx_http_request_t* r = socket.request;
    ngx_str_t reason = borrowed(code_of(why).reason);
    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0, "auth_gate: closing a WebSocket: %V", &reason);
    socket.conf->zone->count(Counter::sockets_closed);

    r->upstream->peer.connection->send = discard_from_client;
    socket.close.why = why;
    socket.close.deadline_ms = zone_clock() + close_timeout_ms;
    ngx_queue_insert_tail(&closing, &socket.close.queue);
    try_to_send(socket);
}

bool continue_closes(std::uint64_t now_ms) {
    const ngx_queue_t* last = ngx_queue_last(&closing);
    for (int i = 0; i < most_at_once && !ngx_queue_empty(&closing); ++i) {
        ngx_queue_t* q = ngx_queue_head(&closing);
        ngx_queue_remove(q);
        ngx_queue_insert_tail(&closing, q);
        continue_close(*ngx_queue_data(q, OpenSocket, close.queue), now_ms);
        if (q == last) {
            break;
        }
    }
    return !ngx_queue_empty(&closing);
}

void start_closes() noexcept {
    ngx_queue_init(&closing);
}

}  // namespace auth_gate
