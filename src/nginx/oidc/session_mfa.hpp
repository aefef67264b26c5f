// The second factor that an OpenID provider saw. It is kept beside the session, whose JWT does not mention it.
#pragma once

#include "nginx/gate/request_state.hpp"

#include "core/oidc/store.hpp"

namespace auth_gate {

struct OidcProvider;

// The answer is false if there is no room. `ttl` in seconds. Throws bad_alloc.
void remember_session_mfa(oidc::Store& store, const OidcProvider& provider, std::string_view jwt,
                          std::uint64_t account_scope, const UserId& user, std::int64_t ttl, Pending<bool>& kept);

// Whether this request's session has MFA from a provider that is still trusted to say so. A token has what its session
// had.
bool session_has_mfa(ngx_http_request_t* r, const RequestState& state);

// Whether the request's user has MFA, by the session or by the account, as far as the account counts: not for a session
// of a provider with `mfa provider`, whose login has not asked for the account's second factor. Throws bad_alloc.
bool has_mfa(ngx_http_request_t* r, const RequestState& state, bool account_has_mfa);

}  // namespace auth_gate
