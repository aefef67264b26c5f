// The directives about logins.
#pragma once

#include "nginx/conf/directive.hpp"
#include "nginx/conf/directive_arguments.hpp"
#include "nginx/oidc/provider_conf.hpp"

namespace auth_gate {

char* set_oidc(ngx_conf_t* cf, void* conf);
char* set_oidc_session(ngx_conf_t* cf, void* conf);
char* set_oidc_settings(ngx_conf_t* cf, void* conf);

inline constexpr std::array oidc_directives = {
    directive::http_only<"auth_gate_oidc_provider">(NGX_CONF_BLOCK | NGX_CONF_TAKE1, guarded<set_oidc_provider>),
    directive::location_only<"auth_gate_oidc">(NGX_CONF_TAKE1, guarded<set_oidc>),
    directive::inherited<"auth_gate_oidc_session">(NGX_CONF_TAKE1, guarded<set_oidc_session>),
    directive::location_only<"auth_gate_oidc_settings">(NGX_CONF_TAKE12, guarded<set_oidc_settings>),
};

}  // namespace auth_gate
