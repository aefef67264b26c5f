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
    std::uint64_t key_set_id = 0;
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
    TokenStore* tokens;  // null without a zone
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

// auth_gate, and how a refusal looks.
struct GateConf {
    ngx_flag_t on;
    Place place;  // of auth_gate
    ngx_flag_t websocket_close;
    ngx_http_complex_value_t* login_url;
};

// Which JWTs are sessions here, and what the application gets instead of a token.
struct JwtConf {
    ngx_uint_t accepted;  // auth_gate jwt
    JwtSources* sources;
    Keys* keys;
    Requirements* requirements;
    time_t leeway;
    size_t max_size;
    ngx_flag_t require_exp;
    ngx_str_t user_claim;
    std::uint64_t verifier_id;  // stands for the keys and the user claim
    ngx_flag_t upstream;
    time_t upstream_ttl;
};

// auth_gate token=, auth_gate_issue
struct TokenConf {
    ngx_array_t* purposes;  // of ngx_str_t: the names in token=
    std::vector<AcceptedPurpose>* accepted;
    bool has_leases;              // among these purposes
    ngx_array_t* issue_purposes;  // of ngx_str_t: the names in auth_gate_issue
    Place issue_place;
    std::vector<const Purpose*>* issues;

    bool is_taken() const noexcept { return accepted != nullptr && !accepted->empty(); }
};

// auth_gate_identity
struct IdentityConf {
    IdentitySource* source;
    std::uint64_t source_id;  // stands for the source and for the keys of its users' sessions
};

struct MfaConf {
    ngx_uint_t raw_mode;  // MfaMode, as nginx merges it
    ngx_flag_t dry_run;
    ngx_flag_t sockets;
    ngx_http_complex_value_t* url;
    ngx_flag_t app_config;
    ngx_flag_t app_settings;
    ngx_flag_t disable;

    MfaMode mode() const noexcept { return static_cast<MfaMode>(raw_mode); }
};

struct OidcLocationConf {
    OidcName name;
    const OidcProvider* provider;
    ngx_str_t session_cookie;  // for the JWT; empty: a one-time code
    OidcName settings_name;
    const OidcProvider* settings_provider;
};

struct LocationConf {
    Zone* zone;  // the one of http, or null
    GateConf gate;
    JwtConf jwt;
    TokenConf token;
    IdentityConf identity;
    MfaConf mfa;
    OidcLocationConf oidc;
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
