// How a refusal reaches the client: as nginx's own status, so that error_page and satisfy work as they always do, and
// where nothing replaces it, with the contract's body, a redirect or a WebSocket close frame instead of nginx's page.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include "core/http/refusal.hpp"

namespace auth_gate {

struct RequestState;

// A refusal on its way to the client.
struct Rendering {
    bool active = false;
    bool body_sent = false;
    ngx_str_t body{};
};

// Notes and counts the refusal. Returns the status for nginx, which the access handler returns. Throws bad_alloc.
ngx_int_t refuse(ngx_http_request_t* r, RequestState& state, Refusal refusal);

// The same from a precontent handler, and sends the refusal itself: no error_page may make something else of it.
// Returns what the handler returns.
ngx_int_t refuse_finally(ngx_http_request_t* r, RequestState& state, Refusal refusal);

// Puts the filters that write refusals in front of nginx's.
void install_refusal_filters() noexcept;

}  // namespace auth_gate
