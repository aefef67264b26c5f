// What kind of route a request is on, told from its path, method and headers.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include "core/http/websocket.hpp"

namespace auth_gate {

// The path needs no session (`auth_gate_public`). An endpoint that issues tokens always does.
bool is_public(ngx_http_request_t* r);

bool is_preflight(ngx_http_request_t* r) noexcept;

// The browser fetches a page that its user may never go to.
bool is_fetched_ahead(ngx_http_request_t* r) noexcept;

// That, or a service worker's preload, behind which the same request may come once more.
bool is_prefetch(ngx_http_request_t* r) noexcept;

bool is_page_navigation(ngx_http_request_t* r) noexcept;

// The one place that knows what a WebSocket handshake looks like in nginx.
websocket::Handshake websocket_handshake(ngx_http_request_t* r);

}  // namespace auth_gate
