// The configuration as directives leave it and handlers read it. The structs are plain, so that nginx's own slot
// setters fit; vectors and the like are made in the configuration pool and pointed to.
#pragma once

#include "nginx/gate/conf.hpp"
#include "nginx/identity/conf.hpp"
#include "nginx/jwt/conf.hpp"
#include "nginx/mfa/conf.hpp"
#include "nginx/ngx/ngx.hpp"
#include "nginx/oidc/conf.hpp"
#include "nginx/token/conf.hpp"

#include "core/http/path.hpp"
#include "core/jwt/session_cache.hpp"
#include "core/jwt/signer.hpp"

#include <string>
#include <vector>

namespace auth_gate {

class Zone;
struct OidcConf;
struct RemoteStore;

struct ServerConf;

// A merged location or block in one, with the configuration of all modules.
struct MergedLocation {
    void** confs;
    const ServerConf* server;
};

// A module's configuration there.
template <typename T>
const T& conf_of(const MergedLocation& location, const ngx_module_t& module) noexcept {
    return *static_cast<const T*>(location.confs[module.ctx_index]);
}

struct MainConf {
    Zone* zone = nullptr;
    TokenStore* tokens = nullptr;  // null without a zone
    RemoteStore* store = nullptr;  // null where shared memory is the store
    ngx_str_t state_path{};
    std::vector<Purpose>* purposes = nullptr;
    std::vector<std::string>* token_parameters = nullptr;  // all that some location takes tokens from
    SessionCache* sessions = nullptr;
    JwtSigner* signer = nullptr;
    ssize_t jwt_cache_size = NGX_CONF_UNSET;  // bytes in each worker, 0: off
    Keys* generated_keys = nullptr;
    OidcConf* oidc = nullptr;  // null without a provider
    std::vector<MergedLocation>* locations = nullptr;
    ngx_uint_t builtin_variables = 0;  // so many are known before the configuration is read

    // For auth_gate_path.
    bool some_paths_as_sent = false;
    ngx_int_t request_uri_index = NGX_ERROR;  // of $request_uri; only with some_paths_as_sent

    // The directive that needs the zone or the state directory, for the message that it is missing.
    ngx_str_t zone_wanted_by{};
    ngx_str_t state_wanted_by{};
    ngx_str_t oidc_state_wanted_by{};

    Purpose* find_purpose(std::string_view name) const noexcept;
    const Purpose* find_purpose(std::uint32_t id) const noexcept;

    // Whether some server has users. Only when everything is merged.
    bool has_gate() const noexcept;
};

struct ServerConf {
    std::string* id = nullptr;  // not inherited: tells the servers apart, the same after a reload
    path::Rules* public_rules = nullptr;
    path::Rules* mfa_exempt_rules = nullptr;
    ngx_flag_t gated = 0;  // not inherited: whether a location of this server has a gate

    // Paths that mean one location, in whatever letter case: of the gate's own endpoints and of gated `location =`.
    std::vector<std::string>* endpoints = nullptr;  // not inherited
    std::vector<std::string>* literals = nullptr;   // not inherited: the paths of all locations with a literal path

    std::vector<std::string>* oidc_paths = nullptr;  // not inherited: locations of logins, without a slash at their end

    // Whether a request may have a user here, or may lead to one.
    bool sees_users() const noexcept { return gated == 1 || oidc_paths != nullptr; }
};

struct LocationConf {
    Zone* zone = nullptr;                           // the one of http, or null
    ngx_http_handler_pt content_handler = nullptr;  // the gate's own, of an endpoint's location
    bool has_other_handler = false;                 // not inherited: beside it
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

// nginx's own configuration of the location.
inline ngx_http_core_loc_conf_t* core_conf(ngx_http_request_t* r) noexcept {
    return static_cast<ngx_http_core_loc_conf_t*>(ngx_http_get_module_loc_conf(r, ngx_http_core_module));
}

// The same at configuration time: of the block that is read or merged.
inline MainConf* main_conf(ngx_conf_t* cf) noexcept {
    return static_cast<MainConf*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_auth_gate_module));
}

inline ServerConf* server_conf(ngx_conf_t* cf) noexcept {
    return static_cast<ServerConf*>(ngx_http_conf_get_module_srv_conf(cf, ngx_http_auth_gate_module));
}

inline ngx_http_core_loc_conf_t* core_conf(ngx_conf_t* cf) noexcept {
    return static_cast<ngx_http_core_loc_conf_t*>(ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module));
}

// Lets the gate answer in the location that is read.
inline void set_content_handler(ngx_conf_t* cf, LocationConf& conf, ngx_http_handler_pt handler) noexcept {
    conf.has_other_handler |= core_conf(cf)->handler != nullptr;
    core_conf(cf)->handler = conf.content_handler = handler;
}

// Outside of any request; null without an http block.
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

// Checks what is only known when everything is merged.
ngx_int_t check_conf(ngx_conf_t* cf) noexcept;

}  // namespace auth_gate
