#include "nginx/mfa/open_sockets.hpp"

#include "nginx/identity/identity_lookup.hpp"
#include "nginx/mfa/enforce.hpp"
#include "nginx/ngx/timer.hpp"
#include "nginx/oidc/session_mfa.hpp"
#include "nginx/state/zone.hpp"

#include "core/http/refusal.hpp"

namespace auth_gate {

namespace {

constexpr ngx_msec_t interval_ms = 500;
// For the application to end its frame, and the client to answer ours.
constexpr std::uint64_t close_patience_ms = 2'000;
constexpr ngx_uint_t most_failed_checks = 10;

ngx_queue_t sockets;
std::uint64_t seen_version;
std::uint64_t seen_drops;

constinit Timer timer;

bool is_upgraded(const OpenSocket& socket) noexcept {
    const ngx_http_upstream_t* upstream = socket.request->upstream;
    return upstream != nullptr && upstream->upgrade == 1 && upstream->peer.connection != nullptr;
}

void terminate(OpenSocket& socket) noexcept {
    ngx_http_request_t* r = socket.request;
    ngx_connection_t* c = r->connection;
    // The upstream's clean-up gives up a reference, which must not be the last one while nginx walks the clean-ups.
    r->main->count++;
    ngx_http_finalize_request(r, NGX_ERROR);
    ngx_http_run_posted_requests(c);
}

OpenSocket* socket_of(const ngx_connection_t* c) noexcept {
    const Context* context = find_context(static_cast<ngx_http_request_t*>(c->data));
    return context == nullptr ? nullptr : context->socket;
}

// In place of the client connection's own: what the application says, up to our close frame.
ssize_t send_to_client(ngx_connection_t* c, u_char* buffer, size_t size) noexcept {
    OpenSocket* socket = socket_of(c);
    if (socket->close_sent) {
        return static_cast<ssize_t>(size);
    }
    const ssize_t sent = socket->send(c, buffer, size);
    if (sent > 0) {
        socket->frames.consume({chars(buffer), static_cast<std::size_t>(sent)});
    }
    return sent;
}

// In place of the upstream connection's own, once its user is no longer welcome.
ssize_t send_nowhere(ngx_connection_t* c, u_char*, size_t size) noexcept {
    if (OpenSocket* socket = socket_of(c)) {
        socket->close_answered |= socket->close_sent;
    }
    return static_cast<ssize_t>(size);
}

// Between two frames of the application, and not in the middle of one.
void try_to_send_close(OpenSocket& socket) {
    ngx_connection_t* c = socket.request->connection;
    const ngx_buf_t& pending = socket.request->upstream->buffer;
    if (!socket.frames.at_boundary() || pending.pos != pending.last || c->buffered || !c->write->ready) {
        return;
    }
    const RefusalAnswer& answer = answer_to(Refusal::mfa_required);
    std::string frame = websocket::close_frame(answer.websocket_code, answer.websocket_reason);
    socket.close_sent = socket.send(c, bytes(frame.data()), frame.size()) == static_cast<ssize_t>(frame.size());
}

void close_socket(OpenSocket& socket) {
    if (!is_upgraded(socket)) {
        return;  // it has ended meanwhile
    }
    ngx_http_request_t* r = socket.request;
    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0, "auth_gate: closing a WebSocket: its user has no MFA");
    socket.conf->zone->count(Counter::sockets_closed);

    r->upstream->peer.connection->send = send_nowhere;
    socket.close_deadline_ms = zone_clock() + close_patience_ms;
    try_to_send_close(socket);
}

// Until the client has answered, or had the time to.
void go_on_closing(OpenSocket& socket) {
    if (socket.close_answered || zone_clock() >= socket.close_deadline_ms) {
        terminate(socket);
    } else if (!socket.close_sent) {
        try_to_send_close(socket);
    }
}

void judge(OpenSocket& socket, const Context& context) {
    if (context.identity) {
        socket.to_check = false;
        socket.failed_checks = 0;
        if (!context.identity->mfa) {
            close_socket(socket);
        }
    } else if (context.lookup == LookupState::unauthorized || ++socket.failed_checks >= most_failed_checks) {
        close_socket(socket);
    }
}

// What was learnt of one user goes for all of that user's sockets.
void judge_all(const Context& context) {
    ngx_queue_t* next;
    for (ngx_queue_t* q = ngx_queue_head(&sockets); q != ngx_queue_sentinel(&sockets); q = next) {
        next = ngx_queue_next(q);
        auto* socket = ngx_queue_data(q, OpenSocket, queue);
        const Context* other = find_context(socket->request);
        const bool concerned = other == &context || (context.identity && other->identity_key == context.identity_key);
        if (socket->to_check && concerned && socket->close_deadline_ms == 0) {
            judge(*socket, context);
        }
    }
}

void answered(ngx_http_request_t* main, Context& context) noexcept {
    shielded(main->connection->log, false, [&] {
        judge_all(context);
        return true;
    });
}

void check(OpenSocket& socket, Context& context) {
    if (context.lookup == LookupState::asking) {
        return;
    }
    const LocationConf& conf = *socket.conf;
    context.identity.reset();
    context.lookup = LookupState::none;
    if (conf.identity.source->from_claims) {
        obtain_identity(socket.request, context, conf);
        judge(socket, context);
        return;
    }
    const IdentityTable::Found found = look_up_identity(context, conf);
    switch (found.turn) {
    case Turn::none:
        context.identity = Identity{found.mfa, std::string(found.role, found.role_size)};
        judge(socket, context);
        return;
    case Turn::others:
        return;
    case Turn::mine:
        break;
    }
    ngx_connection_t* c = socket.request->connection;
    if (!ask_application(socket.request, context, conf, answered)) {
        context.lookup = LookupState::unavailable;
        judge(socket, context);
        return;
    }
    ngx_http_run_posted_requests(c);
}

// Which sockets the last changes are about.
void mark(Zone& zone) noexcept {
    const std::uint64_t version = zone.settings_version();
    const std::uint64_t drops = zone.drops();
    const bool all = version != seen_version || drops - seen_drops > ZoneHeader::remembered_drops;

    for (ngx_queue_t* q = ngx_queue_head(&sockets); q != ngx_queue_sentinel(&sockets); q = ngx_queue_next(q)) {
        auto* socket = ngx_queue_data(q, OpenSocket, queue);
        bool concerned = all;
        for (std::uint64_t n = seen_drops; !concerned && n < drops; ++n) {
            concerned = zone.dropped(n) == find_context(socket->request)->identity_key;
        }
        socket->to_check |= concerned;
    }
    seen_version = version;
    seen_drops = drops;
}

void look_at_all() {
    ngx_queue_t* next;
    for (ngx_queue_t* q = ngx_queue_head(&sockets); q != ngx_queue_sentinel(&sockets); q = next) {
        next = ngx_queue_next(q);
        auto* socket = ngx_queue_data(q, OpenSocket, queue);
        if (!is_upgraded(*socket)) {
            continue;
        }
        if (socket->close_deadline_ms != 0) {
            go_on_closing(*socket);
        } else if (socket->to_check) {
            if (is_mfa_required(*socket->conf)) {
                check(*socket, *find_context(socket->request));
            } else {
                socket->to_check = false;
            }
        }
    }
}

void tick(ngx_event_t* event) noexcept {
    auto* main = current_main_conf();
    if (main != nullptr && main->zone != nullptr) {
        shielded(event->log, false, [&] {
            mark(*main->zone);
            look_at_all();
            return true;
        });
    }
    // Also in a worker that is on its way out: it stays as long as its sockets do.
    if (!ngx_exiting || !ngx_queue_empty(&sockets)) {
        ngx_add_timer(event, interval_ms);
    }
}

}  // namespace

void watch_socket(ngx_http_request_t* r, Context& context, const LocationConf& conf) {
    // What the provider saw of a session does not change while it lasts.
    if (context.socket != nullptr || session_has_mfa(r, context)) {
        return;
    }
    auto* socket = static_cast<OpenSocket*>(ngx_pcalloc(r->pool, sizeof(OpenSocket)));
    if (socket == nullptr) {
        throw std::bad_alloc();
    }
    socket->request = r;
    socket->conf = &conf;
    socket->send = std::exchange(r->connection->send, send_to_client);
    static_assert(std::is_trivially_copyable_v<OpenSocket>);
    // The switch may have been turned since this request was decided on, and before this process saw it.
    socket->to_check = true;
    context.identity_key = identity_key(context, conf);
    context.socket = socket;
    ngx_queue_insert_tail(&sockets, &socket->queue);
}

void forget_socket(OpenSocket& socket) noexcept {
    socket.request->connection->send = socket.send;
    ngx_queue_remove(&socket.queue);
}

void start_watching(ngx_cycle_t* cycle) noexcept {
    ngx_queue_init(&sockets);
    timer.init(tick, cycle->log);
    timer.event.cancelable = 1;
    ngx_add_timer(&timer.event, interval_ms);
}

}  // namespace auth_gate
