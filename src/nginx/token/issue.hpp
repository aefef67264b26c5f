// The endpoints that give a session a token (`auth_gate_issue`).
#pragma once

#include "nginx/ngx/ngx.hpp"

namespace auth_gate {

// A content handler.
ngx_int_t issue_handler(ngx_http_request_t* r) noexcept;

}  // namespace auth_gate
