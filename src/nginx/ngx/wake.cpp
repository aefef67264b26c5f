#include "nginx/ngx/wake.hpp"

namespace auth_gate {

void park(ngx_http_request_t* r) noexcept {
    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_request_empty_handler;
}

bool look_for_end(ngx_http_request_t* r) noexcept {
    ngx_event_t* read = r->connection->read;
    if (!read->ready) {
        return ngx_handle_read_event(read, 0) == NGX_OK;
    }
    ngx_post_event(read, &ngx_posted_events);
    return true;
}

void wake(ngx_http_request_t* r) noexcept {
    r->read_event_handler = ngx_http_block_reading;
    r->write_event_handler = ngx_http_core_run_phases;
    ngx_http_core_run_phases(r);
}

void wake_request(void* request) noexcept {
    auto* r = static_cast<ngx_http_request_t*>(request);
    ngx_connection_t* c = r->connection;
    ngx_http_set_log_request(c->log, r);
    wake(r);
    ngx_http_run_posted_requests(c);
}

WakeTimer* WakeTimer::make(ngx_http_request_t* r) noexcept {
    void* memory = ngx_pcalloc(r->pool, sizeof(WakeTimer));
    ngx_http_cleanup_t* cleanup = ngx_http_cleanup_add(r, 0);
    if (memory == nullptr || cleanup == nullptr) {
        return nullptr;
    }
    auto* self = new (memory) WakeTimer();
    self->request_ = r;
    self->timer_.init([](ngx_event_t* event) noexcept { wake_request(timer_owner<WakeTimer>(event).request_); },
                      r->connection->log, self);
    // nginx may end a request and free it later.
    cleanup->data = &self->timer_.event;
    cleanup->handler = [](void* data) noexcept {
        auto* event = static_cast<ngx_event_t*>(data);
        if (event->timer_set) {
            ngx_del_timer(event);
        }
    };
    return self;
}

bool WakeTimer::wake_after(ngx_msec_t ms) noexcept {
    if (!look_for_end(request_)) {
        return false;
    }
    park(request_);
    ngx_add_timer(&timer_.event, ms);
    return true;
}

}  // namespace auth_gate
