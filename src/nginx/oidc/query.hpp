// The query of a login's requests: codes and states are secrets, and nginx logs queries.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include <string>

namespace auth_gate {

// The query as it came; what nginx has of it is covered. Throws bad_alloc.
std::string take_oidc_query(ngx_http_request_t* r);

}  // namespace auth_gate
