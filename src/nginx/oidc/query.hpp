// The queries of the login endpoints: codes and states are secrets, and nginx logs queries.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include <string>

namespace auth_gate {

// Keeps codes and states for the handler, and masks them in what nginx logs. Before any rewrite. Throws bad_alloc.
void mask_oidc_query(ngx_http_request_t* r);

// The query as the client sent it; nginx's own copies are masked. Throws bad_alloc.
std::string take_oidc_query(ngx_http_request_t* r);

}  // namespace auth_gate
