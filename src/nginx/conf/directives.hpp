// All directives, from each capability's list.
#pragma once

#include "nginx/conf/directive.hpp"
#include "nginx/gate/directives.hpp"
#include "nginx/identity/directives.hpp"
#include "nginx/jwt/directives.hpp"
#include "nginx/mfa/directives.hpp"
#include "nginx/oidc/directives.hpp"
#include "nginx/redis/directives.hpp"
#include "nginx/state/directives.hpp"
#include "nginx/token/directives.hpp"

namespace auth_gate {

inline constinit auto directives =
    directive::join(state_directives, store_directives, gate_directives, jwt_directives, token_directives,
                    identity_directives, mfa_directives, oidc_directives);

}  // namespace auth_gate
