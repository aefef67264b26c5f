#include "nginx/gate/held_refusals.hpp"

#include "nginx/gate/request_state.hpp"
#include "nginx/gate/upgrade.hpp"
#include "nginx/ngx/timer.hpp"
#include "nginx/ngx/wake.hpp"

namespace auth_gate {

namespace {

constexpr ngx_msec_t step_ms = 250;
constexpr std::uint64_t share_of_connections = 4;  // a quarter: the others are for those who may come in

// All of this process.
ngx_queue_t held;
std::uint64_t held_count;
constinit Timer timer;

void leave(HeldRefusal& refusal) noexcept {
    if (std::exchange(refusal.is_held, false)) {
        ngx_queue_remove(&refusal.queue);
        --held_count;
    }
}

// A worker that shuts down lets all of them go. Its timer keeps it until then.
void tick(ngx_event_t* event) noexcept {
    ngx_queue_t due;
    ngx_queue_init(&due);
    for (ngx_queue_t* q = ngx_queue_head(&held); q != ngx_queue_sentinel(&held);) {
        HeldRefusal& refusal = *ngx_queue_data(q, HeldRefusal, queue);
        q = ngx_queue_next(q);
        if (ngx_exiting || ngx_current_msec >= refusal.until_ms) {
            ngx_queue_remove(&refusal.queue);
            ngx_queue_insert_tail(&due, &refusal.queue);
        }
    }
    while (!ngx_queue_empty(&due)) {
        HeldRefusal& refusal = *ngx_queue_data(ngx_queue_head(&due), HeldRefusal, queue);
        leave(refusal);
        wake_request(refusal.request);
    }
    if (!ngx_queue_empty(&held)) {
        ngx_add_timer(event, step_ms);
    }
}

// Where another module may let the request in (`satisfy any`), nothing is refused yet.
bool may_be_held(ngx_http_request_t* r, const LocationConf& conf) {
    const auto* core = static_cast<ngx_http_core_loc_conf_t*>(ngx_http_get_module_loc_conf(r, ngx_http_core_module));
    return conf.gate.websocket_close == 1 && conf.gate.websocket_slow_ms != 0 && r == r->main && !ngx_exiting &&
           core->satisfy != NGX_HTTP_SATISFY_ANY && held_count < ngx_cycle->connection_n / share_of_connections &&
           websocket_handshake(r) == websocket::Handshake::valid;
}

}  // namespace

bool hold_back(ngx_http_request_t* r, const LocationConf& conf, RequestState& state) {
    if (state.held != nullptr || !may_be_held(r, conf)) {
        return false;
    }
    void* memory = ngx_pcalloc(r->pool, sizeof(HeldRefusal));
    ngx_http_cleanup_t* cleanup = ngx_http_cleanup_add(r, 0);
    if (memory == nullptr || cleanup == nullptr) {
        throw std::bad_alloc();
    }
    state.held = new (memory) HeldRefusal();
    if (!look_for_end(r)) {
        return false;
    }
    // nginx may end a request and free it later.
    cleanup->data = state.held;
    cleanup->handler = [](void* data) noexcept { leave(*static_cast<HeldRefusal*>(data)); };

    park(r);
    state.held->request = r;
    state.held->until_ms = ngx_current_msec + conf.gate.websocket_slow_ms;
    state.held->is_held = true;
    ngx_queue_insert_tail(&held, &state.held->queue);
    ++held_count;
    if (!timer.event.timer_set) {
        ngx_add_timer(&timer.event, step_ms);
    }
    return true;
}

void start_holding(ngx_cycle_t* cycle) noexcept {
    ngx_queue_init(&held);
    timer.init(tick, cycle->log);
}

}  // namespace auth_gate
