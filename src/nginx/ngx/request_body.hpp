// The request body that nginx has read: reads it in one piece, or replaces it.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include <optional>
#include <string>

namespace auth_gate {

// Nothing when the body is larger than `most` bytes or its temporary file cannot be read.
std::optional<std::string> whole_body(ngx_http_request_t* r, std::size_t most);

// Gives the upstream another body, and its length. Throws bad_alloc.
void replace_body(ngx_http_request_t* r, std::string_view text);

}  // namespace auth_gate
