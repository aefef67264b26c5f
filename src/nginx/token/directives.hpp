// The directives about the purposes of tokens and about issuing them.
#pragma once

#include "nginx/conf/directive.hpp"
#include "nginx/conf/directive_arguments.hpp"

namespace auth_gate {

char* set_purpose(ngx_conf_t* cf, void* conf);
char* set_issue(ngx_conf_t* cf, void* conf);

inline constexpr std::array token_directives = {
    directive::http_only<"auth_gate_purpose">(NGX_CONF_TAKE23 | NGX_CONF_TAKE4, guarded<set_purpose>),
    directive::location_only<"auth_gate_issue">(NGX_CONF_1MORE, guarded<set_issue>),
};

}  // namespace auth_gate
