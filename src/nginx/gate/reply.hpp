// Answers from a content handler that nobody caches.
#pragma once

#include "nginx/ngx/ngx.hpp"

namespace auth_gate {

// Sends the whole response. Returns what the handler returns to nginx. Throws bad_alloc.
ngx_int_t send_json(ngx_http_request_t* r, ngx_uint_t status, std::string_view body);
ngx_int_t send_text(ngx_http_request_t* r, ngx_uint_t status, std::string_view type, std::string_view body);

// Replaces type and length of the response. `type` must outlive the request; a length of -1 is unknown.
void set_content(ngx_http_request_t* r, std::string_view type, off_t length) noexcept;

}  // namespace auth_gate
