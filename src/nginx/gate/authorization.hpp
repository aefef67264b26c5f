// What stands in an Authorization header.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include <string_view>

namespace auth_gate {

// The scheme's name. What another parser takes for white space around it does not hide it.
std::string_view scheme_of(std::string_view authorization) noexcept;

// Whether an application could read a session from an Authorization header: from all schemes but Basic and Digest, and
// from these too where a JWT may be hidden in them. Throws bad_alloc.
bool may_authorize_session(ngx_http_request_t* r);

// Whether it is one of HTTP's own logins, Basic or Digest, and hides no session. Throws bad_alloc.
bool is_other_login(std::string_view authorization);

// The request's only Authorization header, if no session can be hidden in it. Null otherwise. Throws bad_alloc.
const ngx_table_elt_t* opaque_authorization(ngx_http_request_t* r);

// Whether browsers send the header by themselves once a person has logged in, also for another site's page.
bool is_sent_by_browsers(std::string_view authorization) noexcept;

}  // namespace auth_gate
