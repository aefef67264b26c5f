#include "nginx/ngx/foreign_socket.hpp"

namespace auth_gate::foreign_socket {

namespace {

void watch_with(ngx_event_t* event, ngx_int_t kind, bool wanted, ngx_uint_t flags) noexcept {
    if (wanted && !event->active) {
        ngx_add_event(event, kind, 0);
    } else if (!wanted && event->active) {
        ngx_del_event(event, kind, flags);
    }
}

}  // namespace

ngx_connection_t* adopt(ngx_socket_t fd, ngx_event_handler_pt handler, void* owner) noexcept {
    ngx_connection_t* connection = ngx_get_connection(fd, ngx_cycle->log);
    if (connection == nullptr) {
        return nullptr;
    }
    connection->data = owner;
    for (ngx_event_t* event : {connection->read, connection->write}) {
        event->handler = handler;
        event->log = connection->log;
    }
    return connection;
}

void watch(ngx_event_t* event, ngx_int_t kind, bool wanted) noexcept {
    watch_with(event, kind, wanted, 0);
}

void forget(ngx_connection_t* connection) noexcept {
    for (ngx_event_t* event : {connection->read, connection->write}) {
        if (event->posted) {
            ngx_delete_posted_event(event);
        }
    }
    const ngx_uint_t flags = fcntl(connection->fd, F_GETFD) == -1 ? NGX_CLOSE_EVENT : 0;
    watch_with(connection->read, NGX_READ_EVENT, false, flags);
    watch_with(connection->write, NGX_WRITE_EVENT, false, flags);
    ngx_free_connection(connection);
    connection->fd = static_cast<ngx_socket_t>(-1);
}

}  // namespace auth_gate::foreign_socket
