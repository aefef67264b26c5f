#include "oidc_session_mfa.hpp"

#include "credentials.hpp"
#include "oidc_conf.hpp"
#include "oidc_zone.hpp"

#include "core/crypto.hpp"

namespace auth_gate {

bool remember_session_mfa(OidcZone& zone, std::string_view jwt, std::uint64_t owner, std::int64_t ttl) noexcept {
    return zone.put(OidcTable::Kind::mfa, sha256(jwt), owner, "1", static_cast<std::uint64_t>(ttl) * 1000);
}

bool session_has_mfa(ngx_http_request_t* r, const Context& context) {
    const OidcConf* oidc = main_conf(r)->oidc;
    if (oidc == nullptr || !oidc->trusts_mfa) {
        return false;
    }
    if (context.admission == Admission::token) {
        return (context.token_notes & session_mfa_note) != 0;
    }
    if (context.admission != Admission::jwt) {
        return false;
    }
    const Credential bearer = bearer_credential(r->main, *context.conf);
    const Credential used = bearer.kind == Credential::Kind::jwt ? bearer : cookie_credential(r->main, *context.conf);
    return used.kind == Credential::Kind::jwt && oidc->zone->has(OidcTable::Kind::mfa, sha256(used.text));
}

}  // namespace auth_gate
