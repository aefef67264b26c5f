// The path that the gate decides on is the path that the application sees.
#pragma once

#include "nginx/ngx/ngx.hpp"

namespace auth_gate {

// Server rewrite phase, before any rewrite: makes the raw path say what nginx decoded, notes a path that other servers
// read differently, and leads every form of a gated endpoint's path to that endpoint.
ngx_int_t canonicalise_path(ngx_http_request_t* r) noexcept;

}  // namespace auth_gate
