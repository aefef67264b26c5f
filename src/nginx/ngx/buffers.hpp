// nginx's buffers: what is in one, and one made of a text.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include <string>

namespace auth_gate {

// Appends what a buffer holds, in memory or in a file, and marks it as taken.
void take_content(std::string& out, ngx_buf_t& buffer);

// A whole body in one buffer, the last one. Throws bad_alloc.
ngx_buf_t* last_buffer(ngx_http_request_t* r, ngx_str_t body);

}  // namespace auth_gate
