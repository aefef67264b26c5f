// Where MFA is enforced, and which locations are endpoints of its settings.
#pragma once

#include "nginx/conf/merge.hpp"

#include "core/mfa/policy.hpp"

namespace auth_gate {

struct LocationConf;
struct MfaBypass;

inline constexpr ngx_uint_t default_socket_checks = 16;

struct MfaConf {
    ngx_uint_t raw_mode = NGX_CONF_UNSET_UINT;  // MfaMode, as nginx merges it
    ngx_flag_t dry_run = 0;
    ngx_flag_t sockets = NGX_CONF_UNSET;
    ngx_uint_t socket_checks = NGX_CONF_UNSET_UINT;  // at most so many lookups at once for open sockets
    ngx_http_complex_value_t* url = nullptr;
    MfaBypass* bypass = nullptr;
    ngx_flag_t app_config = NGX_CONF_UNSET;    // not inherited
    ngx_str_t app_config_provider{};           // an OpenID provider, of which it tells; not inherited
    Place app_config_place;                    // not inherited
    ngx_flag_t app_settings = NGX_CONF_UNSET;  // not inherited
    ngx_flag_t disable = NGX_CONF_UNSET;       // not inherited

    MfaMode mode() const noexcept { return static_cast<MfaMode>(raw_mode); }

    bool has_endpoint() const noexcept { return app_config == 1 || app_settings == 1 || disable == 1; }
};

char* merge_mfa(ngx_conf_t* cf, const LocationConf& prev, LocationConf& conf);

// Refuses what would leave MFA or its settings unprotected. For the merged configuration.
char* check_mfa(ngx_conf_t* cf, const LocationConf& prev, LocationConf& conf);

}  // namespace auth_gate
