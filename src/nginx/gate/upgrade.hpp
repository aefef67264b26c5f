// Requests that ask to take the connection over: WebSocket handshakes and what applications accept as one.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include "core/http/websocket.hpp"

namespace auth_gate {

// How far the request is a proper WebSocket handshake (RFC 6455, 4.2.1). Throws bad_alloc.
websocket::Handshake websocket_handshake(ngx_http_request_t* r);

inline bool asks_for_upgrade(ngx_http_request_t* r) noexcept {
    return r->headers_in.upgrade != nullptr;
}

// nginx and many applications treat any request with an Upgrade header as a handshake. HTTP defines it for HTTP/1.1
// only (RFC 9110, 7.8; RFC 9113, 8.2.2), and a request that spends no token must open nothing.
bool may_upgrade(ngx_http_request_t* r) noexcept;

// Removes an Upgrade that may not be. Throws bad_alloc.
void remove_improper_upgrade(ngx_http_request_t* r);

}  // namespace auth_gate
