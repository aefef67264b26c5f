#include "nginx/gate/credentials.hpp"

#include "nginx/gate/authorization.hpp"
#include "nginx/gate/request_facts.hpp"
#include "nginx/gate/request_state.hpp"
#include "nginx/gate/upgrade.hpp"
#include "nginx/jwt/session_cookies.hpp"
#include "nginx/ngx/headers.hpp"

#include "core/base/ascii.hpp"
#include "core/http/request_traits.hpp"

#include <algorithm>
#include <optional>

namespace auth_gate {

namespace {

// Its name as the configuration has it. Null: it is not taken.
const std::string* taken_scheme(const JwtSources& sources, std::string_view scheme) noexcept {
    const auto found = std::find_if(sources.schemes.begin(), sources.schemes.end(),
                                    [&](const std::string& taken) { return equal_ignoring_case(taken, scheme); });
    return found == sources.schemes.end() ? nullptr : &*found;
}

// `Authorization: Bearer` (RFC 6750, 2.1), or another scheme that is taken. Two Authorization headers are unusable, any
// other scheme is none.
Credential authorization_credential(ngx_http_request_t* r, const JwtSources& sources) noexcept {
    if (sources.schemes.empty() || r->headers_in.authorization == nullptr) {
        return {};
    }
    if (count_headers(r, "authorization") != 1) {
        return {.kind = Credential::Kind::unusable};
    }
    const std::string_view value = view(r->headers_in.authorization->value);
    const std::string_view scheme = scheme_of(value);
    const std::string* taken = taken_scheme(sources, scheme);
    if (taken == nullptr) {
        return {};
    }
    const std::size_t begin = value.find_first_not_of(' ', scheme.size());
    if (scheme.data() != value.data() || begin == scheme.size() || begin == std::string_view::npos) {
        return {.kind = Credential::Kind::unusable};
    }
    return {.kind = Credential::Kind::jwt, .text = value.substr(begin), .place = {jwt::PlaceKind::bearer, *taken}};
}

// One of two headers of one name may be what the application reads.
Credential other_header_credential(ngx_http_request_t* r, const JwtSources& sources) noexcept {
    for (const std::string& name : sources.headers) {
        const std::string_view value = find_header(r, name);
        if (value.empty()) {
            continue;
        }
        if (count_headers(r, name) != 1) {
            return {.kind = Credential::Kind::unusable};
        }
        return {.kind = Credential::Kind::jwt, .text = value, .place = {jwt::PlaceKind::header, name}};
    }
    return {};
}

Credential header_credential(ngx_http_request_t* r, const JwtSources& sources) noexcept {
    const Credential authorization = authorization_credential(r, sources);
    return authorization.kind != Credential::Kind::none ? authorization : other_header_credential(r, sources);
}

// The keys and claims that the user was admitted with would do at this location too.
bool meets_same_demands(const LocationConf& conf, const RequestState& state) {
    const std::vector<std::uint64_t>& scopes = *conf.jwt.scopes;
    return std::find(scopes.begin(), scopes.end(), state.subject.account_scope) != scopes.end() &&
           (conf.jwt.requirements->empty() || conf.jwt.requirements->met_by(state.subject.claims()));
}

Choice refused(Refusal refusal, const char* why) noexcept {
    return {Choice::Kind::refused, refusal, why, {}};
}

Choice by_jwt(const Credential& credential) noexcept {
    return {Choice::Kind::jwt, Refusal::none, nullptr, credential};
}

bool has_other_session(ngx_http_request_t* r, const JwtSources& places) {
    return has_session_cookie(r, places.cookies) ||
           std::any_of(places.headers.begin(), places.headers.end(),
                       [&](const std::string& name) { return count_headers(r, name) != 0; });
}

// Whether an application could find a session that nobody has verified.
bool may_carry_session(ngx_http_request_t* r, const JwtSources& places) {
    return may_authorize_session(r) || has_other_session(r, places);
}

// A page or a program sets it on purpose, while browsers send cookies by themselves: so it decides. In a subrequest the
// headers stay as they are.
Choice by_opaque(ngx_http_request_t* r, const LocationConf& conf) {
    if (r != r->main && has_other_session(r, *conf.jwt.places)) {
        return refused(Refusal::bad_credentials, "a session came beside an Authorization that is no JWT");
    }
    return {Choice::Kind::opaque, Refusal::none, nullptr, {}};
}

// Where a session is optional, a person with an old cookie sees the page.
bool is_bad_navigation(ngx_http_request_t* r, const LocationConf& conf) {
    return conf.gate.optional == 1 && r == r->main && is_page_navigation(r);
}

// In a subrequest the headers stay as they are.
bool may_be_stranger(ngx_http_request_t* r, const LocationConf& conf) {
    return conf.gate.optional == 1 && (r == r->main || !may_carry_session(r, *conf.jwt.places));
}

}  // namespace

Choice choose(ngx_http_request_t* r, const LocationConf& conf, const RequestState& state, UrlToken in_url) {
    if (is_preflight(r)) {
        return {Choice::Kind::preflight, Refusal::none, nullptr, {}};
    }
    if (is_public(r)) {
        return {Choice::Kind::public_path, Refusal::none, nullptr, {}};
    }
    if (state.admission == Admission::token && meets_same_demands(conf, state)) {
        return {Choice::Kind::kept, Refusal::none, nullptr, {}};
    }
    if (in_url == UrlToken::jwt) {
        return refused(Refusal::bad_credentials, "a JWT came in the URL");
    }
    if (r == r->main && conf.gate.websocket_close == 1 &&
        websocket_handshake(r) == websocket::Handshake::wrong_version) {
        return refused(Refusal::websocket_version, "the WebSocket version is not 13");
    }

    if (conf.gate.pass.opaque && !state.lifted_token.replaces_credentials) {
        if (count_headers(r, "authorization") > 1) {
            return refused(Refusal::bad_credentials, "there are several Authorization headers");
        }
        if (opaque_authorization(r) != nullptr) {
            return by_opaque(r, conf);
        }
    }

    // Behind a token, the gate's own JWT stands in the headers.
    const bool takes_jwt = conf.jwt.accepted == 1 && !state.lifted_token.replaces_credentials;
    const Credential header = takes_jwt ? header_credential(r, *conf.jwt.sources) : Credential{};
    if (header.kind == Credential::Kind::unusable) {
        return is_bad_navigation(r, conf)
                   ? Choice{Choice::Kind::stranger, Refusal::none, nullptr, {}}
                   : refused(Refusal::bad_credentials, "there is not exactly one proper header with a JWT");
    }
    if (header.kind == Credential::Kind::jwt) {
        return by_jwt(header);
    }
    if (conf.token.is_taken() && in_url != UrlToken::none) {
        if (refuses_path(conf, state)) {
            return refused(Refusal::bad_path, path_refusal);  // and the token is not spent
        }
        return {Choice::Kind::token, Refusal::none, nullptr, {}};
    }
    const Credential cookie = takes_jwt ? cookie_credential(r, conf) : Credential{};
    if (cookie.kind == Credential::Kind::jwt) {
        return by_jwt(cookie);
    }
    if (state.lifted_token.replaces_credentials) {
        return refused(Refusal::bad_credentials, "the token that let the request in is not enough here");
    }
    if (may_be_stranger(r, conf)) {
        return {Choice::Kind::stranger, Refusal::none, nullptr, {}};
    }
    return conf.gate.pass.opaque && !find_header(r, "authorization").empty()
               ? refused(Refusal::bad_credentials, "the Authorization may hide a JWT, so it is no key")
               : refused(Refusal::no_credentials, "no credentials");
}

Outcome choose_credentials(ngx_http_request_t* r, const LocationConf& conf, RequestState& state) {
    if (state.variable_failed) {
        return Outcome::refuse(Refusal::unavailable);  // a rule of the site has asked in vain
    }
    state.choice = choose(r, conf, state, state.lifted_token.kind);
    if (state.choice.kind != Choice::Kind::refused) {
        return Outcome::go_on();
    }
    if (state.held != nullptr) {
        return Outcome::refuse(state.choice.refusal);
    }
    const std::string& parameter = state.lifted_token.jwt_parameter;
    if (state.lifted_token.kind == UrlToken::jwt && !parameter.empty()) {
        log_refusal(r, "a JWT came in the URL's parameter \"" + parameter + "\"");
    } else if (state.choice.why != nullptr) {
        log_refusal(r, state.choice.why);
    }
    if (state.lifted_token.kind == UrlToken::jwt && hold_back(r, conf, state)) {
        // It is known what comes of it, also if the client does not wait for that.
        state.admission = Admission::refused;
        state.refusal = state.choice.refusal;
        return Outcome::wait();
    }
    return Outcome::refuse(state.choice.refusal);
}

Outcome refuse_session(ngx_http_request_t* r, const LocationConf& conf, RequestState& state, std::string_view why) {
    if (!is_bad_navigation(r, conf)) {
        log_refusal(r, why);
        return Outcome::refuse(Refusal::bad_credentials);
    }
    ngx_str_t text = borrowed(why);
    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0, "auth_gate: let in as a stranger: %V", &text);
    state.forget_user();
    state.choice.kind = Choice::Kind::stranger;
    state.admission = Admission::stranger;
    return Outcome::go_on();
}

}  // namespace auth_gate
