// What lets a request in here, and how a refusal looks.
#pragma once

#include "nginx/conf/merge.hpp"

namespace auth_gate {

struct LocationConf;

struct GateConf {
    ngx_flag_t on = NGX_CONF_UNSET;
    Place place;  // of auth_gate
    ngx_flag_t websocket_close = NGX_CONF_UNSET;
    ngx_http_complex_value_t* login_url = nullptr;
};

// Merges what `auth_gate` says as a whole, also jwt.accepted and token.purposes.
char* merge_gate(ngx_conf_t* cf, const LocationConf& prev, LocationConf& conf);

// Collects for the server the paths that mean one location.
char* collect_paths(ngx_conf_t* cf, const LocationConf& prev, LocationConf& conf);

}  // namespace auth_gate
