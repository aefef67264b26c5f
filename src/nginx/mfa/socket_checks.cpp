#include "nginx/mfa/socket_checks.hpp"

#include "nginx/gate/request_state.hpp"
#include "nginx/identity/account.hpp"
#include "nginx/mfa/enforce.hpp"
#include "nginx/mfa/open_sockets.hpp"
#include "nginx/ngx/clock.hpp"
#include "nginx/oidc/session_mfa.hpp"
#include "nginx/state/zone.hpp"

namespace auth_gate {

namespace {

// In one step, so that many sockets do not hold up what else the worker does.
constexpr int most_visits = 256;
constexpr int most_actions = 32;  // a question or a close
constexpr int most_closes_by_one_answer = 64;

constexpr std::uint64_t others_ms = 100;  // until it is looked again what another request's question brought

// All of this process.
constexpr std::size_t heads = 1024;
ngx_queue_t accounts[heads];
ngx_queue_t row;    // waiting
ngx_queue_t asked;  // being asked about
CheckPace pace;

ngx_queue_t& head_of(AccountKey account) noexcept {
    return accounts[static_cast<std::uint64_t>(account) % heads];
}

OpenSocket& in_row(ngx_queue_t* q) noexcept {
    return *ngx_queue_data(q, OpenSocket, row);
}

bool is_in_row(const OpenSocket& socket) noexcept {
    return socket.row.next != nullptr;
}

void leave_row(OpenSocket& socket) noexcept {
    if (is_in_row(socket)) {
        ngx_queue_remove(&socket.row);
        socket.row = {};
    }
}

void move_to(ngx_queue_t& queue, OpenSocket& socket) noexcept {
    leave_row(socket);
    ngx_queue_insert_tail(&queue, &socket.row);
}

void settle(OpenSocket& socket) noexcept {
    socket.check.settle(zone_clock());
    leave_row(socket);
}

bool can_be_closed(const OpenSocket& socket) noexcept {
    return is_upgraded(socket) && !socket.close.has_begun();
}

void settle_by_closing(OpenSocket& socket, CloseReason why) {
    settle(socket);
    if (can_be_closed(socket)) {
        begin_close(socket, why);
    }
}

void ask_later(OpenSocket& socket, std::uint64_t delay_ms) noexcept {
    socket.check.wait(zone_clock(), delay_ms);
    move_to(row, socket);
}

// Returns whether the socket is being closed by it.
bool apply(OpenSocket& socket, const IdentityAnswer& answer) {
    if (!is_mfa_required(*socket.conf)) {
        settle(socket);
        return false;
    }
    switch (answer.status) {
    case IdentityStatus::known:
        if (has_mfa(socket.request, *find_state(socket.request), answer.identity.mfa)) {
            settle(socket);
            return false;
        }
        settle_by_closing(socket, CloseReason::no_mfa);
        return true;
    case IdentityStatus::unauthorized:
        settle_by_closing(socket, CloseReason::no_session);
        return true;
    case IdentityStatus::unavailable:
        break;
    }
    ask_later(socket, SocketCheck::retry_ms);
    return false;
}

bool is_about(IdentityKey key, const OpenSocket& socket) noexcept {
    return socket.check.is_waiting() && identity_of(socket.request, *find_state(socket.request), *socket.conf) == key;
}

// What the application says of a user is about all sockets of this identity, except those whose handshake it has not
// accepted yet: a verdict could not close them. If the user has changed meanwhile, it is about none, for the identity
// of the asker is another one by now.
void apply_to_all(OpenSocket& asker, const IdentityAnswer& answer, IdentityKey key) {
    if (answer.status != IdentityStatus::known) {
        apply(asker, answer);
        return;
    }
    if (!is_about(key, asker)) {
        ask_later(asker, SocketCheck::rest_ms);
        return;
    }
    int closes = apply(asker, answer) ? 1 : 0;
    ngx_queue_t& head = head_of(asker.account);
    for (ngx_queue_t* q = ngx_queue_head(&head); q != ngx_queue_sentinel(&head); q = ngx_queue_next(q)) {
        OpenSocket& socket = *ngx_queue_data(q, OpenSocket, by_account);
        if (closes < most_closes_by_one_answer && socket.account == asker.account && can_be_closed(socket) &&
            is_about(key, socket)) {
            closes += apply(socket, answer) ? 1 : 0;
        }
    }
}

// Called from within the lookup's end.
void answered(void* data) noexcept {
    OpenSocket& socket = *static_cast<OpenSocket*>(data);
    shielded(ngx_cycle->log, false, [&] {
        const RequestState& state = *find_state(socket.request);
        const IdentityAnswer answer = state.lookup.answer.value();
        pace.end();
        pace.heard(answer.status != IdentityStatus::unavailable, zone_clock());
        ask_later(socket, 0);
        if (!socket.close.has_begun()) {
            apply_to_all(socket, answer, state.lookup.key);
        } else {
            settle(socket);
        }
        return true;
    });
}

// A lookup would carry a JWT that no application accepts any more.
bool session_has_ended(const RequestState& state) noexcept {
    const auto exp = state.subject.session_exp;
    return exp && *exp <= static_cast<double>(wall_clock());
}

void ask(OpenSocket& socket) {
    ngx_http_request_t* r = socket.request;
    const LocationConf& conf = *socket.conf;
    RequestState& state = *find_state(r);
    Pending<IdentityAnswer>& answer = state.lookup.answer;

    ask_later(socket, others_ms);
    answer.cancel();
    if (conf.identity.source->from_claims) {
        apply(socket, obtain_identity(r, conf, state).value());
        return;
    }
    if (session_has_ended(state)) {
        apply(socket, {IdentityStatus::unauthorized, {}});
        return;
    }
    ask_in_background(r, conf, state);
    if (answer.is_ready()) {
        const IdentityAnswer known = answer.value();
        apply_to_all(socket, known, state.lookup.key);
    } else if (answer.is_asked()) {
        ngx_connection_t* c = r->connection;
        socket.check.ask();
        move_to(asked, socket);
        pace.start();
        answer.on_ready(&socket, answered);
        ngx_http_run_posted_requests(c);
    }
}

bool may_ask(const OpenSocket& socket, std::uint64_t now_ms) noexcept {
    return socket.check.may_ask(now_ms) &&
           pace.may_start(socket.conf->mfa.socket_checks, ngx_cycle->free_connection_n, now_ms);
}

// Returns whether it did something that costs time. May end the socket.
bool visit(OpenSocket& socket, std::uint64_t now_ms) {
    move_to(row, socket);
    if (!is_upgraded(socket)) {
        socket.check.start_again(now_ms);
        return false;
    }
    if (!is_mfa_required(*socket.conf) || socket.close.has_begun()) {
        settle(socket);
        return false;
    }
    if (socket.check.is_overdue(now_ms)) {
        settle_by_closing(socket, CloseReason::undecided);
        return true;
    }
    if (may_ask(socket, now_ms)) {
        ask(socket);
        return true;
    }
    return false;
}

// Those that are being asked about are few.
void close_overdue(std::uint64_t now_ms) {
    for (ngx_queue_t* q = ngx_queue_head(&asked); q != ngx_queue_sentinel(&asked); q = ngx_queue_next(q)) {
        OpenSocket& socket = in_row(q);
        if (socket.check.is_overdue(now_ms) && can_be_closed(socket)) {
            begin_close(socket, CloseReason::undecided);
        }
    }
}

}  // namespace

void join_checks(OpenSocket& socket) noexcept {
    ngx_queue_insert_tail(&head_of(socket.account), &socket.by_account);
    queue_check(socket);
}

void leave_checks(OpenSocket& socket) noexcept {
    ngx_queue_remove(&socket.by_account);
    if (socket.check.is_asked()) {
        pace.end();
    }
    leave_row(socket);
}

void queue_check(OpenSocket& socket) noexcept {
    if (socket.check.is_waiting() && !is_in_row(socket)) {
        ngx_queue_insert_tail(&row, &socket.row);
    }
}

bool continue_checks(std::uint64_t now_ms) {
    close_overdue(now_ms);
    const ngx_queue_t* last = ngx_queue_last(&row);
    int actions = 0;
    for (int i = 0; i < most_visits && actions < most_actions && !ngx_queue_empty(&row); ++i) {
        ngx_queue_t* q = ngx_queue_head(&row);
        actions += visit(in_row(q), now_ms) ? 1 : 0;
        if (q == last) {
            break;
        }
    }
    return !ngx_queue_empty(&row) || !ngx_queue_empty(&asked);
}

void start_checks() noexcept {
    for (ngx_queue_t& head : accounts) {
        ngx_queue_init(&head);
    }
    ngx_queue_init(&row);
    ngx_queue_init(&asked);
    pace = {};
}

}  // namespace auth_gate
