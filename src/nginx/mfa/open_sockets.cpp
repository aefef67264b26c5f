#include "nginx/mfa/open_sockets.hpp"

#include "nginx/gate/request_state.hpp"
#include "nginx/identity/account.hpp"
#include "nginx/mfa/enforce.hpp"
#include "nginx/mfa/socket_checks.hpp"
#include "nginx/ngx/timer.hpp"
#include "nginx/oidc/session_mfa.hpp"
#include "nginx/state/zone.hpp"

namespace auth_gate {

namespace {

constexpr ngx_msec_t look_ms = 500;  // for changes
constexpr ngx_msec_t step_ms = 50;   // while there is something to do

ngx_queue_t sockets;  // of this process

// What mark_affected() has seen of the zone, and when it looks again.
std::uint64_t seen_version;
std::uint64_t next_look_ms;

constinit Timer timer;

// Marks the sockets that the changes since the last call are about: all after a change of the settings, otherwise those
// of the accounts that were dropped.
void mark_affected(Zone& zone, std::uint64_t now_ms) noexcept {
    const std::uint64_t version = zone.settings_version();
    const bool all = version != std::exchange(seen_version, version);
    for (ngx_queue_t* q = ngx_queue_head(&sockets); q != ngx_queue_sentinel(&sockets); q = ngx_queue_next(q)) {
        OpenSocket& socket = *ngx_queue_data(q, OpenSocket, all);
        const std::uint32_t drops = zone.drops(socket.account);
        if (all) {
            socket.check.demand_for_settings(now_ms);
        } else if (drops != socket.seen_drops) {
            socket.check.demand_for_user(now_ms);
        }
        socket.seen_drops = drops;
        queue_check(socket);
    }
}

void tick(ngx_event_t* event) noexcept {
    const std::uint64_t now_ms = zone_clock();
    auto* main = current_main_conf();
    bool busy = false;
    if (main != nullptr && main->zone != nullptr) {
        if (now_ms >= next_look_ms) {
            mark_affected(*main->zone, now_ms);
            next_look_ms = now_ms + look_ms;
        }
        busy = shielded(event->log, true, [&] {
            const bool closing = continue_closes(now_ms);
            return continue_checks(now_ms) || closing;
        });
    }
    // A worker that is shutting down stays as long as its sockets are open, and so does the timer.
    if (!ngx_exiting || !ngx_queue_empty(&sockets)) {
        ngx_add_timer(event, busy ? step_ms : look_ms);
    }
}

// Nothing that the request's decision went by has changed since.
bool is_still_decided(ngx_http_request_t* r, const RequestState& state, const LocationConf& conf) {
    if (!is_mfa_required(conf)) {
        return true;
    }
    return state.mfa_question.has_mfa == true &&
           (conf.identity.source->from_claims || identity_of(r, state, conf) == state.lookup.key);
}

}  // namespace

void watch_socket(ngx_http_request_t* r, RequestState& state, const LocationConf& conf) {
    // MFA that an OpenID provider saw lasts as long as the session.
    if (state.socket != nullptr || session_has_mfa(r, state)) {
        return;
    }
    void* memory = ngx_pcalloc(r->pool, sizeof(OpenSocket));
    if (memory == nullptr) {
        throw std::bad_alloc();
    }
    static_assert(std::is_trivially_destructible_v<OpenSocket>);
    auto* socket = new (memory) OpenSocket{};
    socket->request = r;
    socket->conf = &conf;
    socket->account = account_of(state, *conf.zone);
    socket->seen_drops = conf.zone->drops(socket->account);
    if (!is_still_decided(r, state, conf)) {
        socket->check.demand_for_settings(zone_clock());
    }
    state.socket = socket;
    follow_frames(*socket);
    ngx_queue_insert_tail(&sockets, &socket->all);
    join_checks(*socket);
}

void forget_socket(OpenSocket& socket) noexcept {
    leave_checks(socket);
    ngx_queue_remove(&socket.all);
    leave_frames(socket);
}

void start_watching(ngx_cycle_t* cycle) noexcept {
    ngx_queue_init(&sockets);
    start_closes();
    start_checks();
    timer.init(tick, cycle->log);
    timer.event.cancelable = 1;
    ngx_add_timer(&timer.event, look_ms);
}

}  // namespace auth_gate
