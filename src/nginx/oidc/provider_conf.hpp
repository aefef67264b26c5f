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
    ProviderSettings configured;   // by the block
    ProviderSettings environment;  // of the first provider; overrides the block
    std::string app_url;           // without a slash at its end; the environment overrides it too
    std::string scope;

    // The user's id in the application: a claim, or the answer of a location.
    std::string user_claim;
    ngx_str_t user_uri{};

    std::string ca_file;  // empty: the system's
    std::string proxy;
    ngx_msec_t connect_timeout_ms = 0;
    ngx_msec_t timeout_ms = 0;
    ngx_msec_t cache_ms = 0;  // how long metadata and keys are used
    time_t leeway = -1;
    time_t session_ttl = 0;
    std::string login_page;
    oidc::MfaTrust mfa_trust;
    oidc::Parameters parameters;  // added to the authorization request
};

// All providers; null in the main configuration when there is none.
struct OidcConf {
    std::vector<OidcProvider*> providers;
    OidcZone* zone = nullptr;
    bool trusts_mfa = false;  // one of them vouches for a second factor by amr or acr

    const OidcProvider* find(std::string_view name) const noexcept;
};

char* set_oidc_provider(ngx_conf_t* cf, void* conf);

}  // namespace auth_gate
