// A timer that belongs to no request and no connection.
#pragma once

#include "nginx/ngx/ngx.hpp"

namespace auth_gate {

struct Timer {
    ngx_event_t event{};
    ngx_connection_t connection{};  // for nginx's debug log; its `data` is the owner

    // Call before the first ngx_add_timer(). The handler gets `owner` by timer_owner().
    void init(ngx_event_handler_pt handler, ngx_log_t* log, void* owner = nullptr) noexcept {
        connection.fd = static_cast<ngx_socket_t>(-1);
        connection.data = owner;
        event.data = &connection;
        event.handler = handler;
        event.log = log;
    }
};

template <typename Owner>
Owner& timer_owner(const ngx_event_t* timer) noexcept {
    return *static_cast<Owner*>(static_cast<ngx_connection_t*>(timer->data)->data);
}

}  // namespace auth_gate
