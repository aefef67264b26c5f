// The directives about shared memory, the state directory and the counters.
#pragma once

#include "nginx/conf/directive.hpp"
#include "nginx/conf/directive_arguments.hpp"

namespace auth_gate {

char* set_zone(ngx_conf_t* cf, void* conf);
char* set_state_path(ngx_conf_t* cf, void* conf);
char* set_status(ngx_conf_t* cf, void* conf);

inline constexpr std::array state_directives = {
    directive::http_only<"auth_gate_zone">(NGX_CONF_1MORE, guarded<set_zone>),
    directive::http_only<"auth_gate_state_path">(NGX_CONF_TAKE1, guarded<set_state_path>),
    directive::location_only<"auth_gate_status">(NGX_CONF_NOARGS | NGX_CONF_TAKE1, guarded<set_status>),
};

}  // namespace auth_gate
