#include "nginx/ngx/wake.hpp"

namespace auth_gate {

namespace {

void timer_fired(ngx_http_request_t* r) noexcept {
    ngx_event_t* event = r->connection->write;
    if (event->delayed) {
        if (ngx_handle_write_event(event, 0) != NGX_OK) {
            ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        }
        return;
    }
    wake(r);
}

}  // namespace

void park(ngx_http_request_t* r) noexcept {
    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_request_empty_handler;
}

void wake(ngx_http_request_t* r) noexcept {
    r->read_event_handler = ngx_http_block_reading;
    r->write_event_handler = ngx_http_core_run_phases;
    ngx_http_core_run_phases(r);
}

void wake_request(void* request) noexcept {
    auto* r = static_cast<ngx_http_request_t*>(request);
    ngx_connection_t* c = r->connection;
    wake(r);
    ngx_http_run_posted_requests(c);
}

bool wake_after(ngx_http_request_t* r, ngx_msec_t ms) noexcept {
    if (ngx_handle_read_event(r->connection->read, 0) != NGX_OK) {
        return false;
    }
    park(r);
    r->write_event_handler = timer_fired;
    r->connection->write->delayed = 1;
    ngx_add_timer(r->connection->write, ms);
    return true;
}

}  // namespace auth_gate
