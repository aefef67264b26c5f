#include "nginx/mfa/open_sockets.hpp"

#include "nginx/gate/request_state.hpp"
#include "nginx/mfa/enforce.hpp"
#include "nginx/ngx/timer.hpp"
#include "nginx/oidc/session_mfa.hpp"
#include "nginx/state/zone.hpp"

#include "core/http/refusal.hpp"

namespace auth_gate {

namespace {

constexpr ngx_msec_t interval_ms = 500;
// The time for the application to complete its frame, and for the client to answer the close frame.
constexpr std::uint64_t close_timeout_ms = 2'000;
constexpr ngx_uint_t max_failed_checks = 10;

ngx_queue_t sockets;  // of this process

// What mark_affected() has seen of the zone.
std::uint64_t seen_version;
std::uint64_t seen_drops;

constinit Timer timer;

// The function may end the socket that it is called with, and no other.
template <typename F>
void for_each_socket(F&& f) {
    ngx_queue_t* next;
    for (ngx_queue_t* q = ngx_queue_head(&sockets); q != ngx_queue_sentinel(&sockets); q = next) {
        next = ngx_queue_next(q);
        f(*ngx_queue_data(q, OpenSocket, queue));
    }
}

bool is_closing(const OpenSocket& socket) noexcept {
    return socket.close_deadline_ms != 0;
}

bool is_upgraded(const OpenSocket& socket) noexcept {
    const ngx_http_upstream_t* upstream = socket.request->upstream;
    return upstream != nullptr && upstream->upgrade == 1 && upstream->peer.connection != nullptr;
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
    OpenSocket* socket = socket_of(c);
    if (socket->close_sent) {
        return static_cast<ssize_t>(size);
    }
    const ssize_t sent = socket->next_send(c, buffer, size);
    if (sent > 0) {
        socket->frames.consume({chars(buffer), static_cast<std::size_t>(sent)});
    }
    return sent;
}

// The upstream connection's send function while a socket is being closed: what the client sends is discarded.
ssize_t discard_from_client(ngx_connection_t* c, u_char*, size_t size) noexcept {
    if (OpenSocket* socket = socket_of(c)) {
        socket->close_answered |= socket->close_sent;
    }
    return static_cast<ssize_t>(size);
}

// Sends the close frame, if the application's last frame is complete.
void try_to_send_close(OpenSocket& socket) {
    ngx_connection_t* c = socket.request->connection;
    const ngx_buf_t& pending = socket.request->upstream->buffer;
    if (!socket.frames.at_boundary() || pending.pos != pending.last || c->buffered || !c->write->ready) {
        return;
    }
    const RefusalAnswer& answer = answer_to(Refusal::mfa_required);
    std::string frame = websocket::close_frame(answer.websocket_code, answer.websocket_reason);
    socket.close_sent = socket.next_send(c, bytes(frame.data()), frame.size()) == static_cast<ssize_t>(frame.size());
}

void begin_close(OpenSocket& socket) {
    if (!is_upgraded(socket)) {
        return;  // it has ended in the meantime
    }
    ngx_http_request_t* r = socket.request;
    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0, "auth_gate: closing a WebSocket: its user has no MFA");
    socket.conf->zone->count(Counter::sockets_closed);

    r->upstream->peer.connection->send = discard_from_client;
    socket.close_deadline_ms = zone_clock() + close_timeout_ms;
    try_to_send_close(socket);
}

// Called until the client has answered, or the time is over.
void continue_close(OpenSocket& socket) {
    if (socket.close_answered || zone_clock() >= socket.close_deadline_ms) {
        terminate(socket);
    } else if (!socket.close_sent) {
        try_to_send_close(socket);
    }
}

// Closes the socket of a user without MFA. An identity that stays unknown counts as none.
void decide_socket(OpenSocket& socket, const RequestState& state) {
    const IdentityAnswer& answer = state.lookup.answer.value();
    if (answer.status == IdentityStatus::known) {
        socket.must_check = false;
        socket.failed_checks = 0;
        if (!answer.identity.mfa) {
            begin_close(socket);
        }
    } else if (answer.status == IdentityStatus::unauthorized || ++socket.failed_checks >= max_failed_checks) {
        begin_close(socket);
    }
}

// One answer of the application decides all sockets of its user.
void decide_sockets_of_user(const RequestState& state) {
    for_each_socket([&](OpenSocket& socket) {
        const RequestState* other = find_state(socket.request);
        const bool same_user =
            other == &state || (state.lookup.identity() != nullptr && other->lookup.key == state.lookup.key);
        if (socket.must_check && same_user && !is_closing(socket)) {
            decide_socket(socket, state);
        }
    });
}

void answered(void* data) noexcept {
    shielded(ngx_cycle->log, false, [&] {
        decide_sockets_of_user(*static_cast<const RequestState*>(data));
        return true;
    });
}

void check_mfa(OpenSocket& socket, RequestState& state) {
    Pending<IdentityAnswer>& answer = state.lookup.answer;
    if (answer.is_asked()) {
        return;
    }
    answer.cancel();
    if (socket.conf->identity.source->from_claims) {
        obtain_identity(socket.request, *socket.conf, state);
    } else {
        ask_in_background(socket.request, *socket.conf, state);
    }
    if (answer.is_ready()) {
        decide_socket(socket, state);
    } else if (answer.is_asked()) {
        ngx_connection_t* c = socket.request->connection;
        answer.on_ready(&state, answered);
        ngx_http_run_posted_requests(c);
    }
}

// Marks the sockets that the changes since the last call are about: all after a change of the settings, otherwise those
// of the users whose identity was dropped.
void mark_affected(Zone& zone) noexcept {
    const std::uint64_t version = zone.settings_version();
    const std::uint64_t drops = zone.drops();
    const bool all = version != seen_version || drops - seen_drops > ZoneHeader::remembered_drops;

    for_each_socket([&](OpenSocket& socket) {
        bool affected = all;
        for (std::uint64_t n = seen_drops; !affected && n < drops; ++n) {
            affected = zone.dropped(n) == find_state(socket.request)->lookup.key;
        }
        socket.must_check |= affected;
    });
    seen_version = version;
    seen_drops = drops;
}

void visit(OpenSocket& socket) {
    if (!is_upgraded(socket)) {
        return;
    }
    if (is_closing(socket)) {
        continue_close(socket);
    } else if (socket.must_check && is_mfa_required(*socket.conf)) {
        check_mfa(socket, *find_state(socket.request));
    } else {
        socket.must_check = false;
    }
}

void tick(ngx_event_t* event) noexcept {
    auto* main = current_main_conf();
    if (main != nullptr && main->zone != nullptr) {
        shielded(event->log, false, [&] {
            mark_affected(*main->zone);
            for_each_socket(visit);
            return true;
        });
    }
    // A worker that is shutting down stays as long as its sockets are open, and so does the timer.
    if (!ngx_exiting || !ngx_queue_empty(&sockets)) {
        ngx_add_timer(event, interval_ms);
    }
}

}  // namespace

void watch_socket(ngx_http_request_t* r, RequestState& state, const LocationConf& conf) {
    // MFA that an OpenID provider saw lasts as long as the session.
    if (state.socket != nullptr || session_has_mfa(r, state)) {
        return;
    }
    auto* socket = static_cast<OpenSocket*>(ngx_pcalloc(r->pool, sizeof(OpenSocket)));
    if (socket == nullptr) {
        throw std::bad_alloc();
    }
    socket->request = r;
    socket->conf = &conf;
    socket->next_send = std::exchange(r->connection->send, send_to_client);
    static_assert(std::is_trivially_copyable_v<OpenSocket>);
    // The settings may have changed between this request's decision and now.
    socket->must_check = true;
    state.lookup.key = identity_key(state, conf);
    state.socket = socket;
    ngx_queue_insert_tail(&sockets, &socket->queue);
}

void forget_socket(OpenSocket& socket) noexcept {
    socket.request->connection->send = socket.next_send;
    ngx_queue_remove(&socket.queue);
}

void start_watching(ngx_cycle_t* cycle) noexcept {
    ngx_queue_init(&sockets);
    timer.init(tick, cycle->log);
    timer.event.cancelable = 1;
    ngx_add_timer(&timer.event, interval_ms);
}

}  // namespace auth_gate
