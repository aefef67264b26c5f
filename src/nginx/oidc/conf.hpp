// Which provider logs people in here, and what a login hands out.
#pragma once

#include "nginx/conf/merge.hpp"

namespace auth_gate {

struct LocationConf;
struct MainConf;
struct OidcProvider;

// A provider as a directive names it.
struct OidcName {
    ngx_str_t name{};
    Place place;
};

struct OidcLocationConf {
    OidcName name;                                    // not inherited
    const OidcProvider* provider = nullptr;           // not inherited
    ngx_str_t session_cookie{};                       // for the JWT; empty: a one-time code
    OidcName settings_name;                           // not inherited
    ngx_flag_t allow_private = 0;                     // not inherited: administrators may set private addresses
    const OidcProvider* settings_provider = nullptr;  // not inherited
    const OidcProvider* shown_provider = nullptr;     // by auth_gate_app_config; not inherited
};

// Finds the providers that this location names. NGX_CONF_ERROR, after logging why, when there is none.
char* merge_oidc(ngx_conf_t* cf, const LocationConf& prev, LocationConf& conf);

// Refuses an endpoint for administrators that cannot tell who is one. For the merged configuration.
char* check_oidc_settings(ngx_conf_t* cf, const LocationConf& prev, LocationConf& conf);

// Makes the zone when there is a provider. NGX_ERROR, after logging why, when something is missing.
ngx_int_t check_oidc(ngx_conf_t* cf, MainConf& main);

}  // namespace auth_gate
