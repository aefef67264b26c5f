// The directives about JWTs: keys, where they are looked for, what they must say.
#pragma once

#include "nginx/conf/conf.hpp"
#include "nginx/conf/directive.hpp"
#include "nginx/conf/directive_arguments.hpp"

namespace auth_gate {

char* set_secret(ngx_conf_t* cf, void* conf);
char* set_jwt_from(ngx_conf_t* cf, void* conf);
char* set_jwt_max_size(ngx_conf_t* cf, void* conf);
char* set_jwt_cache(ngx_conf_t* cf, void* conf);
char* set_leeway(ngx_conf_t* cf, void* conf);
char* set_require(ngx_conf_t* cf, void* conf);
char* set_user_claim(ngx_conf_t* cf, void* conf);
char* set_upstream_jwt(ngx_conf_t* cf, void* conf);

inline constexpr std::array jwt_directives = {
    directive::inherited<"auth_gate_secret">(NGX_CONF_1MORE, guarded<set_secret>),
    directive::inherited<"auth_gate_jwt_from">(NGX_CONF_1MORE, guarded<set_jwt_from>),
    directive::inherited<"auth_gate_jwt_max_size">(NGX_CONF_TAKE1, guarded<set_jwt_max_size>),
    directive::http_only<"auth_gate_jwt_cache">(NGX_CONF_TAKE1, guarded<set_jwt_cache>),
    directive::inherited<"auth_gate_leeway">(NGX_CONF_TAKE1, guarded<set_leeway>),
    directive::inherited<"auth_gate_require">(NGX_CONF_1MORE, guarded<set_require>),
    directive::inherited<"auth_gate_require_exp">(NGX_CONF_FLAG, ngx_conf_set_flag_slot,
                                                  offsetof(LocationConf, jwt.require_exp)),
    directive::inherited<"auth_gate_user_claim">(NGX_CONF_TAKE1, guarded<set_user_claim>),
    directive::inherited<"auth_gate_upstream_jwt">(NGX_CONF_1MORE, guarded<set_upstream_jwt>),
};

}  // namespace auth_gate
