// nginx keeps the value of a variable once it was asked for. The gate changes headers in the middle of a request, and
// its lookups are requests with headers of their own: what a variable says of headers must not be older than they are.
#pragma once

#include "nginx/ngx/ngx.hpp"

namespace auth_gate {

// Postconfiguration: variables that show request headers are read anew each time. What `set` has copied stays, and so
// does what a map without `volatile` made of them: a regular expression evaluated anew would take $1 from the site.
void keep_variables_fresh(ngx_conf_t* cf) noexcept;

// Gives a subrequest values of its own; at first they are those of its parent. Throws bad_alloc.
void separate_variables(ngx_http_request_t* sr);

}  // namespace auth_gate
