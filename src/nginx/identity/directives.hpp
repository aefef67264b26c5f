// The directive about a user's role and MFA status.
#pragma once

#include "nginx/conf/directive.hpp"
#include "nginx/conf/directive_arguments.hpp"

namespace auth_gate {

char* set_identity(ngx_conf_t* cf, void* conf);

inline constexpr std::array identity_directives = {
    directive::inherited<"auth_gate_identity">(NGX_CONF_1MORE, guarded<set_identity>),
};

}  // namespace auth_gate
