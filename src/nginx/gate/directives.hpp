// The directives about what is let in, and about refusals.
#pragma once

#include "nginx/conf/conf.hpp"
#include "nginx/conf/directive.hpp"
#include "nginx/conf/directive_arguments.hpp"

namespace auth_gate {

char* set_gate(ngx_conf_t* cf, void* conf);
char* set_origin(ngx_conf_t* cf, void* conf);
char* set_cors(ngx_conf_t* cf, void* conf);
char* set_cache(ngx_conf_t* cf, void* conf);
char* set_ws_close(ngx_conf_t* cf, void* conf);
char* set_public(ngx_conf_t* cf, void* conf);
char* set_path(ngx_conf_t* cf, void* conf);
char* set_pass(ngx_conf_t* cf, void* conf);

inline constexpr std::array gate_directives = {
    directive::inherited<"auth_gate">(NGX_CONF_TAKE1234, guarded<set_gate>),
    directive::inherited_by_servers<"auth_gate_public">(NGX_CONF_2MORE, guarded<set_public>),
    directive::inherited<"auth_gate_ws_close">(NGX_CONF_TAKE12, guarded<set_ws_close>),
    directive::inherited<"auth_gate_login_url">(NGX_CONF_TAKE1, set_page_url, offsetof(LocationConf, gate.login_url)),
    directive::inherited<"auth_gate_path">(NGX_CONF_TAKE1, guarded<set_path>),
    directive::inherited<"auth_gate_pass">(NGX_CONF_1MORE, guarded<set_pass>),
    directive::inherited<"auth_gate_origin">(NGX_CONF_1MORE, guarded<set_origin>),
    directive::inherited<"auth_gate_cors">(NGX_CONF_1MORE, guarded<set_cors>),
    directive::location_only<"auth_gate_cache">(NGX_CONF_TAKE1, guarded<set_cache>),
};

}  // namespace auth_gate
