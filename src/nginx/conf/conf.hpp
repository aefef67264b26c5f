// The configuration as directives leave it and handlers read it. The structs are plain, so that nginx's
// own slot setters fit; what is not plain is made in the configuration pool and pointed to.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include "core/base/crypto.hpp"
#include "core/http/path.hpp"
#include "core/identity/identity.hpp"
#include "core/jwt/requirements.hpp"
#include "core/jwt/session_cache.hpp"
#include "core/jwt/signer.hpp"
#include "core/mfa/policy.hpp"
#include "core/token/token.hpp"

#include <string>
#include <vector>

namespace auth_gate {

class Zone;
struct OidcConf;
struct OidcProvider;

struct Keys {
    std::vector<HmacKey> keys;  // the first signs, all verify
    std::uint64_t realm = 0;
};

struct Purpose {
    std::string name;
    std::uint32_t id = 0;
    std::uint64_t ttl_ms = 0;
    std::uint64_t lease_ms = 0;
    bool declared = false;  // by a directive, not only built in
    bool issued = false;
    bool accepted = false;
};

struct MainConf {
    Zone* zone;
    ngx_str_t state_path;
    std::vector<Purpose>* purposes;
    SessionCache* sessions;
    JwtSigner* signer;
    ssize_t jwt_cache_size;  // bytes in each worker, 0: off
    Keys* generated_keys;
    ngx_str_t zone_wanted_by;   // the directive that needs the zone, for the message that it is missing
    ngx_str_t state_wanted_by;  // the same for the state directory
    OidcConf* oidc;             // null without a provider
    ngx_str_t oidc_state_wanted_by;

    Purpose* find_purpose(std::string_view name) const noexcept;
    const Purpose* find_purpose(std::uint32_t id) const noexcept;
};

struct ServerConf {
    path::Rules* public_rules;
    path::Rules* mfa_exempt_rules;
    ngx_flag_t gated;  // a location of this server has a gate

    // Paths that mean one location, in whatever letter case: of the gate's own endpoints and of gated `location =`.
    std::vector<std::string>* endpoints;
    std::vector<std::string>* literals;  // all paths that have a location to their name

    std::vector<std::string>* oidc_paths;  // locations of logins, without a slash at their end
};

struct JwtSources {
    bool bearer = false;
    std::vector<std::string> cookies;
};

// Where the gate learns about a user.
struct IdentitySource {
    bool from_claims = false;
    ngx_str_t uri{};  // otherwise: the location of a subrequest
    IdentityPaths paths;
    std::uint64_t cache_ms = 0;
};

// Where a directive stands, for messages about what only the merge can find out.
struct Place {
    ngx_str_t file;
    ngx_uint_t line;
};

// A provider as a directive names it.
struct OidcName {
    ngx_str_t name;
    Place place;
};

struct LocationConf {
    Zone* zone;  // the one of http, or null

    // auth_gate
    ngx_flag_t gate;
    ngx_uint_t jwt;
    ngx_array_t* token_purposes;  // of ngx_str_t
    Place gate_place;
    std::vector<AcceptedPurpose>* accepted;
    bool has_leases;  // among these purposes

    // auth_gate_issue
    ngx_array_t* issue_purposes;  // of ngx_str_t
    Place issue_place;
    std::vector<const Purpose*>* issues;

    JwtSources* sources;
    Keys* keys;
    Requirements* requirements;
    time_t leeway;
    size_t jwt_max_size;
    ngx_flag_t require_exp;
    ngx_str_t user_claim;
    std::uint64_t session_scope;  // stands for the keys and the user claim

    ngx_flag_t upstream_jwt;
    time_t upstream_jwt_ttl;

    IdentitySource* identity;
    std::uint64_t identity_scope;  // stands for the source and for the keys of its users' sessions
    ngx_uint_t mfa;                // MfaMode
    ngx_flag_t mfa_dry_run;
    ngx_flag_t mfa_sockets;
    ngx_http_complex_value_t* mfa_url;

    ngx_flag_t app_config;
    ngx_flag_t app_settings;
    ngx_flag_t mfa_disable;

    ngx_flag_t websocket_close;
    ngx_http_complex_value_t* login_url;

    OidcName oidc_name;
    const OidcProvider* oidc;
    ngx_str_t oidc_session;  // the cookie for the JWT; empty: a one-time code
    OidcName oidc_settings_name;
    const OidcProvider* oidc_settings;

    MfaMode mfa_mode() const noexcept { return static_cast<MfaMode>(mfa); }
    bool takes_tokens() const noexcept { return accepted != nullptr && !accepted->empty(); }
};

inline MainConf* main_conf(ngx_http_request_t* r) noexcept {
    return static_cast<MainConf*>(ngx_http_get_module_main_conf(r, ngx_http_auth_gate_module));
}

inline ServerConf* server_conf(ngx_http_request_t* r) noexcept {
    return static_cast<ServerConf*>(ngx_http_get_module_srv_conf(r, ngx_http_auth_gate_module));
}

inline LocationConf* location_conf(ngx_http_request_t* r) noexcept {
    return static_cast<LocationConf*>(ngx_http_get_module_loc_conf(r, ngx_http_auth_gate_module));
}

// nginx's own of the location.
inline ngx_http_core_loc_conf_t* core_conf(ngx_http_request_t* r) noexcept {
    return static_cast<ngx_http_core_loc_conf_t*>(ngx_http_get_module_loc_conf(r, ngx_http_core_module));
}

// The same while the configuration is read: of the block that the directive stands in, or that is merged.
inline MainConf* main_conf(ngx_conf_t* cf) noexcept {
    return static_cast<MainConf*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_auth_gate_module));
}

inline ServerConf* server_conf(ngx_conf_t* cf) noexcept {
    return static_cast<ServerConf*>(ngx_http_conf_get_module_srv_conf(cf, ngx_http_auth_gate_module));
}

inline ngx_http_core_loc_conf_t* core_conf(ngx_conf_t* cf) noexcept {
    return static_cast<ngx_http_core_loc_conf_t*>(ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module));
}

// Of this process's configuration, outside of any request; null without http.
inline MainConf* current_main_conf() noexcept {
    return static_cast<MainConf*>(ngx_http_cycle_get_module_main_conf(ngx_cycle, ngx_http_auth_gate_module));
}

// For the module table.
void* create_main_conf(ngx_conf_t* cf) noexcept;
char* init_main_conf(ngx_conf_t* cf, void* conf) noexcept;
void* create_server_conf(ngx_conf_t* cf) noexcept;
char* merge_server_conf(ngx_conf_t* cf, void* parent, void* child) noexcept;
void* create_location_conf(ngx_conf_t* cf) noexcept;
char* merge_location_conf(ngx_conf_t* cf, void* parent, void* child) noexcept;

// What can only be told when everything is merged: a zone that is missing, a purpose nobody accepts.
ngx_int_t check_conf(ngx_conf_t* cf) noexcept;

}  // namespace auth_gate
