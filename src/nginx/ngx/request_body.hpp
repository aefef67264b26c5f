// A request body that nginx has read, in one piece.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include <optional>
#include <string>

namespace auth_gate {

// Nothing when it is larger than `most` bytes or its temporary file cannot be read.
std::optional<std::string> whole_body(ngx_http_request_t* r, std::size_t most);

}  // namespace auth_gate
