// What lets a request in here, and how a refusal looks.
#pragma once

#include "nginx/conf/merge.hpp"

#include <string>
#include <vector>

namespace auth_gate {

class OriginRule;
struct LocationConf;

// What goes on to the application though it is none of the gate's sessions. Inherited as a whole.
struct Pass {
    std::vector<std::string>* args = nullptr;  // the URL's parameters that may hold a JWT; null: nothing is said
    bool opaque = false;                       // an application's own keys, in Authorization
    bool without_mfa = false;                  // also where sessions need MFA
    Place place;
};

struct GateConf {
    ngx_flag_t on = NGX_CONF_UNSET;
    Place place;                 // of auth_gate
    ngx_flag_t optional = 0;     // strangers are let in; merged by merge_gate()
    ngx_flag_t of_location = 0;  // auth_gate stands in this location or in one around it
    ngx_flag_t websocket_close = NGX_CONF_UNSET;
    ngx_msec_t websocket_slow_ms = 0;  // belongs to websocket_close; 0: nothing is held back
    ngx_http_complex_value_t* login_url = nullptr;
    ngx_flag_t path_as_sent = NGX_CONF_UNSET;
    OriginRule* origins = nullptr;
    OriginRule* cors = nullptr;  // null: the pages of other origins read nothing
    Pass pass{};
    ngx_flag_t cache_shared = NGX_CONF_UNSET;  // not inherited
};

// Merges what `auth_gate` says as a whole, also jwt.accepted and token.purposes.
char* merge_gate(ngx_conf_t* cf, const LocationConf& prev, LocationConf& conf);

// Refuses keys without a user where the gate has to know who it is. For the merged configuration.
char* check_pass(ngx_conf_t* cf, const LocationConf& prev, LocationConf& conf);

// Whether the gate itself answers here or decides on the answer: what issues tokens, the policy's and the providers'
// settings. For the merged configuration.
bool is_own_endpoint(const LocationConf& conf) noexcept;

// Collects for the server the paths that mean one location.
char* collect_paths(ngx_conf_t* cf, const LocationConf& prev, LocationConf& conf);

}  // namespace auth_gate
