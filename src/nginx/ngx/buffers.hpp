// Reads and makes nginx's buffers.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include <string>

namespace auth_gate {

// Appends a buffer's content, from memory or a file, and marks it as consumed.
void take_content(std::string& out, ngx_buf_t& buffer);

// Makes the last buffer of an answer, with its whole body. Throws bad_alloc.
ngx_buf_t* last_buffer(ngx_http_request_t* r, ngx_str_t body);

}  // namespace auth_gate
