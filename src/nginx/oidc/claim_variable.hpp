// $auth_gate_oidc_claim_NAME: what the provider says about who is logging in.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace auth_gate {

inline constexpr std::string_view claim_variable_prefix = "auth_gate_oidc_claim_";

inline bool is_claim_variable(std::string_view name) noexcept {
    return name.starts_with(claim_variable_prefix) && name.size() > claim_variable_prefix.size();
}

// Known to a login's callback from the time that all claims are verified on. In the location that `user_id /uri` asks,
// the text is percent-encoded: there it goes into a URI. Nothing for a claim that is absent or cannot be such a text;
// then what that location answers does not count. Throws bad_alloc.
std::optional<std::string> provider_claim(ngx_http_request_t* r, std::string_view name);

}  // namespace auth_gate
