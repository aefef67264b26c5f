// The directive about a store that hosts share.
#pragma once

#include "nginx/conf/directive.hpp"
#include "nginx/conf/directive_arguments.hpp"

namespace auth_gate {

char* set_store(ngx_conf_t* cf, void* conf);

inline constexpr std::array store_directives = {
    directive::http_only<"auth_gate_store">(NGX_CONF_1MORE, guarded<set_store>),
};

}  // namespace auth_gate
