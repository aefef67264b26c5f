// nginx has no access phase in subrequests: auth_request, includes, mirror.
#pragma once

#include "nginx/ngx/ngx.hpp"

namespace auth_gate {

// Server rewrite phase: notes an empty segment, before a rewrite of the site may make one.
ngx_int_t note_path_of_subrequest(ngx_http_request_t* r) noexcept;

// Precontent phase: decides a subrequest into a gated location, by the stages of the access phase, with a state of its
// own. Its credentials are the session JWT that the client sent; a token stays with the main request. The headers
// stay as they are: they are the main request's too. In every location of a gated server, a path that servers read
// differently is refused.
ngx_int_t decide_subrequest(ngx_http_request_t* r) noexcept;

// Whether the subrequest is decided so where it is now. Otherwise it goes by what is known of the main request.
bool is_decided_by_itself(ngx_http_request_t* r) noexcept;

}  // namespace auth_gate
