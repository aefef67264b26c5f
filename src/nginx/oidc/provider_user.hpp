// Lines of `auth_gate_oidc_provider` that say who may log in, and which user of the application that is.
#pragma once

#include "nginx/oidc/provider_conf.hpp"

#include <span>

namespace auth_gate {

// NGX_CONF_ERROR after logging why; a text that says what is wrong with the line; or NGX_CONF_OK.
char* set_user_id(ngx_conf_t* cf, OidcProvider& provider, std::span<ngx_str_t> args);
char* set_email_verified(ngx_conf_t* cf, OidcProvider& provider, ngx_str_t& value);
char* add_requirements(ngx_conf_t* cf, OidcProvider& provider, std::span<ngx_str_t> args);
char* add_tenants(ngx_conf_t* cf, OidcProvider& provider, std::span<ngx_str_t> args);
char* add_session_claims(ngx_conf_t* cf, OidcProvider& provider, std::span<ngx_str_t> args);

// Finds the variable of `user_id`, once all variables are known. NGX_ERROR, after logging why, for one that does not
// follow from the provider's claims.
ngx_int_t find_user_variable(ngx_conf_t* cf, OidcProvider& provider);

}  // namespace auth_gate
