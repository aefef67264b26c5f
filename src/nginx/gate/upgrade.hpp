// Requests that ask to take the connection over: WebSocket handshakes and what applications accept as one.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include "core/http/websocket.hpp"

namespace auth_gate {

// How far the request is a proper WebSocket handshake (RFC 6455, 4.2.1). Throws bad_alloc.
websocket::Handshake websocket_handshake(ngx_http_request_t* r);

// In a gated server: for a WebSocket, also by a handshake that only a lenient application accepts.
inline bool asks_for_upgrade(ngx_http_request_t* r) noexcept {
    return r->headers_in.upgrade != nullptr;
}

// A connection becomes a WebSocket or stays what it is. Behind another protocol, such as h2c, requests would reach the
// application that nginx never sees. HTTP defines Upgrade for HTTP/1.1 only (RFC 9110, 7.8; RFC 9113, 8.2.2), and a
// request that spends no token must open nothing. Throws bad_alloc.
void keep_only_websocket(ngx_http_request_t* r);

}  // namespace auth_gate
