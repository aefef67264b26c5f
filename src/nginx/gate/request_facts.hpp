// What a request is, from its path, method and headers alone.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include "core/http/path.hpp"

namespace auth_gate {

// `auth_gate_public` lists the request. An endpoint that issues tokens is never public.
bool is_public(ngx_http_request_t* r);

// Whether these rules, which may be null, have the request's method and path. Where paths go on as they were sent, the
// path must match in that form, too.
bool is_listed(ngx_http_request_t* r, const path::Rules* rules);

bool is_preflight(ngx_http_request_t* r) noexcept;

// By its method: neither GET, HEAD nor OPTIONS.
bool changes_something(ngx_http_request_t* r) noexcept;

// The browser fetches a page that its user may never visit.
bool is_fetched_ahead(ngx_http_request_t* r) noexcept;

// The same, or a service worker's preload: the same request may follow once more.
bool is_prefetch(ngx_http_request_t* r) noexcept;

bool is_page_navigation(ngx_http_request_t* r) noexcept;

}  // namespace auth_gate
