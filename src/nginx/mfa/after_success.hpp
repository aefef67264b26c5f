// The step after the application's answer: what the gate forgets once the application has answered 2xx.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include "core/identity/account.hpp"

#include <vector>

namespace auth_gate {

struct AfterSuccess {
    std::vector<AccountKey> accounts_to_drop;  // of a user whose MFA the request changes
};

// The step runs in a header filter, as soon as the status is known and before any byte is sent.
void install_after_success_filter() noexcept;

}  // namespace auth_gate
