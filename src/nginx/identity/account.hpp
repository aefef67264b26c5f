// A request's account and identity (core/identity/account.hpp). The only place where they are made.
#pragma once

#include "nginx/conf/conf.hpp"

#include "core/identity/account.hpp"

#include <vector>

namespace auth_gate {

struct RequestState;

// All for a request that has a user.

AccountKey account_of(const RequestState& state, const Zone& zone) noexcept;

// The user under each key of the location: what is known of a user must not come back by a session of another key, as
// while secrets are rotated. Throws bad_alloc.
std::vector<AccountKey> accounts_of(const RequestState& state, const LocationConf& conf);

// For the source of the location.
IdentityKey identity_of(ngx_http_request_t* r, const RequestState& state, const LocationConf& conf) noexcept;

}  // namespace auth_gate
