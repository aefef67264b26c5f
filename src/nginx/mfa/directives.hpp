// The directives about MFA: where it is enforced, and the endpoints that settle it.
#pragma once

#include "nginx/conf/conf.hpp"
#include "nginx/conf/directive.hpp"
#include "nginx/conf/directive_arguments.hpp"
#include "nginx/mfa/bypass.hpp"

namespace auth_gate {

char* set_mfa(ngx_conf_t* cf, void* conf);
char* set_mfa_sockets(ngx_conf_t* cf, void* conf);
char* set_mfa_exempt(ngx_conf_t* cf, void* conf);
char* set_app_config(ngx_conf_t* cf, void* conf);

inline constexpr std::array mfa_directives = {
    directive::inherited<"auth_gate_mfa">(NGX_CONF_TAKE12, guarded<set_mfa>),
    directive::inherited<"auth_gate_mfa_bypass">(NGX_CONF_1MORE, guarded<set_mfa_bypass>),
    directive::inherited_by_servers<"auth_gate_mfa_exempt">(NGX_CONF_2MORE, guarded<set_mfa_exempt>),
    directive::inherited<"auth_gate_mfa_url">(NGX_CONF_TAKE1, set_page_url, offsetof(LocationConf, mfa.url)),
    directive::inherited<"auth_gate_mfa_sockets">(NGX_CONF_TAKE12, guarded<set_mfa_sockets>),
    directive::location_only<"auth_gate_app_config">(NGX_CONF_TAKE12, guarded<set_app_config>),
    directive::location_only<"auth_gate_app_settings">(NGX_CONF_FLAG, ngx_conf_set_flag_slot,
                                                       offsetof(LocationConf, mfa.app_settings)),
    directive::location_only<"auth_gate_mfa_disable">(NGX_CONF_FLAG, ngx_conf_set_flag_slot,
                                                      offsetof(LocationConf, mfa.disable)),
};

}  // namespace auth_gate
