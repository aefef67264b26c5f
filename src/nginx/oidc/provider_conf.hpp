// OpenID providers as the configuration and the environment describe them.
#pragma once

#include "nginx/conf/merge.hpp"

#include "core/jwt/requirements.hpp"
#include "core/oidc/client_key.hpp"
#include "core/oidc/login.hpp"
#include "core/oidc/metadata.hpp"
#include "core/oidc/provider_settings.hpp"
#include "core/oidc/session_claims.hpp"
#include "core/oidc/user.hpp"

#include <optional>
#include <string>
#include <vector>

namespace auth_gate {

class OidcZone;

// The user's id in the application: a claim, a variable that the site makes of the claims, or the answer of a location.
struct OidcUserId {
    std::string claim;                     // a path
    std::string variable;                  // its name; empty: there is none
    ngx_int_t variable_index = NGX_ERROR;  // once the configuration has been read
    Place variable_place;
    oidc::UserIdType type = oidc::UserIdType::own;  // of a claim or variable
    ngx_str_t uri{};
    bool by_get = false;      // the location is asked without the claims in a body
    std::string path = "id";  // in the location's answer

    bool is_set() const noexcept { return !claim.empty() || !variable.empty() || uri.len != 0; }
};

struct OidcProvider {
    std::string name;
    ProviderSettings configured;   // by the block
    ProviderSettings environment;  // of the first provider; overrides the block
    std::string app_url;           // without a slash at its end; the environment overrides it too
    std::string scope;
    std::optional<oidc::ClientAuthentication> client_authentication;  // unset: what the metadata says
    std::optional<oidc::ClientKey> client_key;

    OidcUserId user_id;
    std::optional<bool> userinfo;        // unset: asked
    std::optional<bool> nonce_optional;  // unset: required
    std::optional<bool> form_post;       // unset: the provider answers in a query
    bool assumes_email_verified = false;
    Requirements requirements;  // on the claims of whoever logs in
    bool requires_email = false;
    std::vector<std::string> tenants;  // that may log in; none: the provider has no tenants

    std::string ca_file;  // empty: the system's
    std::string proxy;
    ngx_msec_t connect_timeout_ms = 0;
    ngx_msec_t timeout_ms = 0;
    ngx_msec_t cache_ms = 0;  // how long metadata and keys are used
    time_t leeway = -1;
    time_t session_ttl = 0;
    ngx_msec_t flow_ttl_ms = 0;  // from /login to /callback
    std::string login_page;
    oidc::MfaTrust mfa_trust;
    std::optional<bool> own_mfa;                  // unset: the account's second factor is enough
    oidc::SessionClaims session_claims;           // beside the user's id and the dates
    oidc::Parameters parameters;                  // added to the authorization request
    std::vector<std::string> request_parameters;  // of /login, likewise; beside those that may always be

    // Of its auth_gate_oidc_settings, which all say the same.
    enum class Private : std::uint8_t { unsaid, refused, allowed };
    Private private_addresses = Private::unsaid;

    bool nonce_is_optional() const noexcept { return nonce_optional.value_or(false); }
    bool takes_form_post() const noexcept { return form_post.value_or(false); }
    bool asks_userinfo() const noexcept { return userinfo.value_or(true); }
    bool needs_own_mfa() const noexcept { return own_mfa.value_or(false); }
    bool allows_private() const noexcept { return private_addresses == Private::allowed; }
};

// All providers; null in the main configuration when there is none.
struct OidcConf {
    std::vector<OidcProvider*> providers;
    OidcZone* zone = nullptr;
    bool trusts_mfa = false;  // one of them vouches for a second factor by amr or acr
    bool needs_mfa = false;   // and nothing but that counts for the sessions of one of them

    OidcProvider* find(std::string_view name) const noexcept;
};

char* set_oidc_provider(ngx_conf_t* cf, void* conf);

}  // namespace auth_gate
