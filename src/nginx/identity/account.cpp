#include "nginx/identity/account.hpp"

#include "nginx/gate/request_state.hpp"
#include "nginx/state/zone.hpp"

#include "core/base/crypto.hpp"

namespace auth_gate {

namespace {

// A token's lookup cannot tell of which session the token is, so each token counts as a session of its own.
std::uint64_t session_of(const RequestState& state) noexcept {
    return short_hash(state.admission == Admission::jwt ? sha256(state.choice.credential.text)
                                                        : state.lifted_token.digest);
}

}  // namespace

AccountKey account_of(const RequestState& state, const Zone& zone) noexcept {
    return zone.account(state.subject.account_scope, state.user());
}

std::vector<AccountKey> accounts_of(const RequestState& state, const LocationConf& conf) {
    std::vector<AccountKey> accounts;
    for (const std::uint64_t scope : *conf.jwt.scopes) {
        accounts.push_back(conf.zone->account(scope, state.user()));
    }
    return accounts;
}

IdentityKey identity_of(ngx_http_request_t* r, const RequestState& state, const LocationConf& conf) noexcept {
    const ngx_table_elt_t* host = r->headers_in.host;
    const IdentityContext context = {
        .source = conf.identity.source_id,
        .host =
            conf.zone->host_hash(view(r->headers_in.server), host != nullptr ? view(host->value) : std::string_view()),
        .session = conf.identity.source->per_session ? session_of(state) : 0,
    };
    return conf.zone->identity(account_of(state, *conf.zone), context);
}

}  // namespace auth_gate
