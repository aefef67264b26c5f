#include "nginx/oidc/session_mfa.hpp"

#include "nginx/oidc/conf.hpp"
#include "nginx/oidc/provider_conf.hpp"
#include "nginx/oidc/zone.hpp"

#include "core/base/byte_record.hpp"
#include "core/base/crypto.hpp"
#include "core/identity/account.hpp"
#include "core/oidc/session_header.hpp"

#include <algorithm>
#include <string>

namespace auth_gate {

namespace {

// What the store remembers: the provider, and whose account its word is about.
std::string mark_of(const OidcProvider& provider, std::uint64_t account_scope) {
    RecordWriter mark;
    mark.fixed(short_hash(sha256(std::to_string(account_scope) + ' ' + provider.name)));
    return mark.take();
}

bool is_trusted(const OidcConf& oidc, std::uint64_t account_scope, std::string_view mark) {
    return std::any_of(oidc.providers.begin(), oidc.providers.end(), [&](const OidcProvider* provider) {
        return provider->mfa_trust.has_any() && mark == mark_of(*provider, account_scope);
    });
}

std::string_view session_header_of(const RequestState& state) noexcept {
    if (state.admission == Admission::token) {
        return state.subject.token_session != nullptr ? state.subject.token_session->copy().header : std::string_view();
    }
    const std::string_view jwt = state.choice.credential.text;
    return jwt.substr(0, jwt.find('.'));
}

// A session may be older than the configuration: of a provider that is gone, nothing counts.
bool account_counts(ngx_http_request_t* r, const RequestState& state) {
    const OidcConf* oidc = main_conf(r)->oidc;
    if (oidc == nullptr || !oidc->needs_mfa) {
        return true;
    }
    const std::string name = oidc::provider_in(session_header_of(state));
    const OidcProvider* provider = oidc->find(name);
    return name.empty() || (provider != nullptr && !provider->needs_own_mfa());
}

}  // namespace

void remember_session_mfa(oidc::Store& store, const OidcProvider& provider, std::string_view jwt,
                          std::uint64_t account_scope, const UserId& user, std::int64_t ttl, Pending<bool>& kept) {
    store.put(oidc::RecordKind::mfa, sha256(jwt), account_owner(account_scope, user), mark_of(provider, account_scope),
              static_cast<std::uint64_t>(ttl) * 1000, kept);
}

bool session_has_mfa(ngx_http_request_t* r, const RequestState& state) {
    const OidcConf* oidc = main_conf(r)->oidc;
    if (oidc == nullptr || !oidc->trusts_mfa) {
        return false;
    }
    if (state.admission == Admission::token) {
        return state.subject.facts.has(SessionFacts::provider_mfa);
    }
    if (state.admission != Admission::jwt) {
        return false;
    }
    // This caller does not wait: an answer that is not there at once counts as no MFA.
    oidc::Store& store = *oidc->zone;
    Pending<oidc::Record> record;
    store.look(oidc::RecordKind::mfa, sha256(state.choice.credential.text), record);
    return record.is_ready() && record.value().found &&
           is_trusted(*oidc, state.subject.account_scope, record.value().payload());
}

bool has_mfa(ngx_http_request_t* r, const RequestState& state, bool account_has_mfa) {
    return (account_has_mfa && account_counts(r, state)) || session_has_mfa(r, state);
}

}  // namespace auth_gate
