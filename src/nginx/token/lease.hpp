// Which requests are the same to a lease.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include "core/token/token.hpp"

namespace auth_gate {

// Presented::bindings, for the purposes that a location accepts. Throws bad_alloc.
std::array<std::uint64_t, lease_kinds> lease_bindings(ngx_http_request_t* r, std::span<const AcceptedPurpose> accepted);

}  // namespace auth_gate
