// `?token=`: read once, as early as the location is known, and gone from the request from then on.
#pragma once

#include "nginx/ngx/ngx.hpp"

namespace auth_gate {

// Server rewrite phase: what the gate decides on is what the application gets to see.
ngx_int_t canonicalise_path(ngx_http_request_t* r) noexcept;

// Rewrite phase: takes a token out of the URL, before limit_req or anybody else can log it.
ngx_int_t extract_url_token(ngx_http_request_t* r) noexcept;

}  // namespace auth_gate
