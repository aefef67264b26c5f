// The step after the application's answer: what the gate forgets, and tells the page, once the application has answered
// 2xx.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include "core/identity/account.hpp"

#include <vector>

namespace auth_gate {

struct AfterSuccess {
    std::vector<AccountKey> accounts_to_drop;  // of a user whose MFA the request changes
    bool may_outdate_jwt = false;              // it says of its user what the request changes
};

// Tells a page that a new JWT would help: what this one says of its user may not be true any more. Throws bad_alloc.
void tell_to_refresh(ngx_http_request_t* r);

// The step runs in a header filter, as soon as the status is known and before any byte is sent.
void install_after_success_filter() noexcept;

}  // namespace auth_gate
