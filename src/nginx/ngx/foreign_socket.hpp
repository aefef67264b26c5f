// The sockets of libraries on nginx's event loop. The descriptor stays the library's.
#pragma once

#include "nginx/ngx/ngx.hpp"

namespace auth_gate::foreign_socket {

// An nginx connection that calls `handler` for both of its events, whose `data` it is; none is watched yet. Null when
// nginx has no free one.
ngx_connection_t* adopt(ngx_socket_t fd, ngx_event_handler_pt handler, void* owner = nullptr) noexcept;

// Level-triggered, which is what libraries expect.
void watch(ngx_event_t* event, ngx_int_t kind, bool wanted) noexcept;

// Gives the connection back to nginx. The descriptor may be closed already.
void forget(ngx_connection_t* connection) noexcept;

}  // namespace auth_gate::foreign_socket
