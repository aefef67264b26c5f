// The second factor that an OpenID provider saw, kept beside the session: its JWT says nothing of it.
#pragma once

#include "nginx/gate/request_state.hpp"

namespace auth_gate {

class OidcZone;
struct OidcProvider;

// False when there is no place for it. `ttl` in seconds.
bool remember_session_mfa(OidcZone& zone, const OidcProvider& provider, std::string_view jwt, std::uint64_t owner,
                          std::int64_t ttl);

// Whether the session that this request belongs to has it, from a provider that is trusted with it still; a token has
// what its session had.
bool session_has_mfa(ngx_http_request_t* r, const Context& context);

}  // namespace auth_gate
