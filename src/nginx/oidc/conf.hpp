// OpenID providers as the configuration and the environment describe them.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include "core/oidc/login.hpp"
#include "core/oidc/provider_settings.hpp"
#include "core/oidc/user.hpp"

#include <string>
#include <vector>

namespace auth_gate {

class OidcZone;

struct OidcProvider {
    std::string name;
    ProviderSettings configured;   // by the block's lines
    ProviderSettings environment;  // of the first provider; wins
    std::string app_url;           // without a slash at its end; the environment wins here too
    std::string scope;

    // Who somebody is in the application: a claim, or what a location answers.
    std::string user_claim;
    ngx_str_t user_uri{};

    std::string ca_file;  // empty: the system's
    std::string proxy;
    ngx_msec_t connect_timeout_ms = 0;
    ngx_msec_t timeout_ms = 0;
    ngx_msec_t cache_ms = 0;  // how old metadata and keys may get
    time_t leeway = -1;
    time_t session_ttl = 0;
    std::string login_page;
    oidc::MfaTrust mfa_trust;
    oidc::Parameters parameters;  // added to the authorization request
};

struct OidcConf {
    std::vector<OidcProvider*> providers;
    OidcZone* zone = nullptr;
    bool trusts_mfa = false;  // of any of them an amr or acr is taken for a second factor

    const OidcProvider* find(std::string_view name) const noexcept;
};

// See oidc_provider_conf.cpp.
char* set_oidc_provider(ngx_conf_t* cf, void* conf);
char* set_oidc(ngx_conf_t* cf, void* conf);
char* set_oidc_session(ngx_conf_t* cf, void* conf);
char* set_oidc_settings(ngx_conf_t* cf, void* conf);

struct LocationConf;
struct MainConf;

// Finds the providers that this location names. NGX_CONF_ERROR, and said why, when there is none.
char* merge_oidc(ngx_conf_t* cf, MainConf& main, const LocationConf& prev, LocationConf& conf);

// An endpoint for administrators has to know for sure who is one. For the merged configuration.
char* check_oidc_settings(ngx_conf_t* cf, MainConf& main, const LocationConf& conf);

// Makes the zone, when there is a provider. NGX_ERROR, and said why, when something is missing.
ngx_int_t check_oidc(ngx_conf_t* cf, MainConf& main);

}  // namespace auth_gate
