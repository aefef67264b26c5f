#include "nginx/gate/credentials.hpp"

#include "nginx/gate/request_facts.hpp"
#include "nginx/gate/request_state.hpp"
#include "nginx/gate/upgrade.hpp"
#include "nginx/ngx/headers.hpp"

#include "core/base/ascii.hpp"
#include "core/http/request_traits.hpp"

#include <algorithm>

namespace auth_gate {

namespace {

// What another parser takes for white space around the scheme must not hide it here.
std::string_view scheme_of(std::string_view authorization) noexcept {
    constexpr std::string_view usual = "Bearer ";
    if (authorization.starts_with(usual)) {
        return authorization.substr(0, usual.size() - 1);
    }
    const auto* first = std::find_if(authorization.begin(), authorization.end(), is_token_char);
    return {first, std::find_if_not(first, authorization.end(), is_token_char)};
}

Choice refused(Refusal refusal, const char* why) noexcept {
    return {Choice::Kind::refused, refusal, why, {}};
}

Choice by_jwt(const Credential& credential) noexcept {
    return {Choice::Kind::jwt, Refusal::none, nullptr, credential};
}

}  // namespace

Choice choose(ngx_http_request_t* r, const LocationConf& conf, const RequestState& state) {
    if (is_preflight(r)) {
        return {Choice::Kind::preflight, Refusal::none, nullptr, {}};
    }
    if (is_public(r)) {
        return {Choice::Kind::public_path, Refusal::none, nullptr, {}};
    }
    if (state.admission == Admission::token && meets_same_demands(conf, state)) {
        return {Choice::Kind::kept, Refusal::none, nullptr, {}};
    }
    if (state.lifted_token.kind == UrlToken::jwt) {
        return refused(Refusal::bad_credentials, "a JWT came in the URL");
    }
    if (conf.gate.websocket_close == 1 && websocket_handshake(r) == websocket::Handshake::wrong_version) {
        return refused(Refusal::websocket_version, "the WebSocket version is not 13");
    }

    const Credential bearer = conf.jwt.accepted == 1 ? bearer_credential(r, conf) : Credential{};
    if (bearer.kind == Credential::Kind::unusable) {
        return refused(Refusal::bad_credentials, "there is not exactly one proper Authorization header");
    }
    if (bearer.kind == Credential::Kind::jwt) {
        return by_jwt(bearer);
    }
    if (conf.token.is_taken() && state.lifted_token.kind != UrlToken::none) {
        if (state.ambiguous_path) {
            return refused(Refusal::bad_path, nullptr);  // and the token is not spent
        }
        return {Choice::Kind::token, Refusal::none, nullptr, {}};
    }
    const Credential cookie = conf.jwt.accepted == 1 ? cookie_credential(r, conf) : Credential{};
    if (cookie.kind == Credential::Kind::unusable) {
        return refused(Refusal::bad_credentials, "the session cookie came twice");
    }
    if (cookie.kind == Credential::Kind::jwt) {
        return by_jwt(cookie);
    }
    return refused(Refusal::no_credentials, "no credentials");
}

Outcome choose_credentials(ngx_http_request_t* r, const LocationConf& conf, RequestState& state) {
    state.choice = choose(r, conf, state);
    if (state.choice.kind != Choice::Kind::refused) {
        return Outcome::go_on();
    }
    if (state.choice.why != nullptr) {
        log_refusal(r, state.choice.why);
    }
    return Outcome::refuse(state.choice.refusal);
}

bool meets_same_demands(const LocationConf& conf, const RequestState& state) noexcept {
    const JwtConf& admitted = state.subject.conf->jwt;
    return admitted.keys->key_set_id == conf.jwt.keys->key_set_id &&
           (conf.jwt.requirements->empty() ||
            conf.jwt.requirements->fingerprint() == admitted.requirements->fingerprint());
}

bool has_bearer(ngx_http_request_t* r) noexcept {
    bool found = false;
    each_header(r, [&](const ngx_table_elt_t& header) {
        found |= lower_name(header) == "authorization" && equal_ignoring_case(scheme_of(view(header.value)), "Bearer");
    });
    return found;
}

Credential bearer_credential(ngx_http_request_t* r, const LocationConf& conf) noexcept {
    if (!conf.jwt.sources->bearer || r->headers_in.authorization == nullptr) {
        return {};
    }
    if (count_headers(r, "authorization") != 1) {
        return {Credential::Kind::unusable, {}};
    }
    const std::string_view value = view(r->headers_in.authorization->value);
    const std::string_view scheme = scheme_of(value);
    if (!equal_ignoring_case(scheme, "Bearer")) {
        return {};
    }
    const std::size_t begin = value.find_first_not_of(' ', scheme.size());
    if (scheme.data() != value.data() || begin == scheme.size() || begin == std::string_view::npos) {
        return {Credential::Kind::unusable, {}};
    }
    return {Credential::Kind::jwt, value.substr(begin)};
}

Credential cookie_credential(ngx_http_request_t* r, const LocationConf& conf) noexcept {
    for (const std::string& wanted : conf.jwt.sources->cookies) {
        Credential found;
        each_header(r, [&](const ngx_table_elt_t& header) {
            if (lower_name(header) != "cookie") {
                return;
            }
            each_cookie(view(header.value), [&](std::string_view, std::string_view name, std::string_view value) {
                if (name != wanted) {
                    return;
                }
                if (found.kind == Credential::Kind::none) {
                    found = {Credential::Kind::jwt, value, wanted};
                } else if (found.text != value) {
                    found.kind = Credential::Kind::unusable;
                }
            });
        });
        if (found.kind != Credential::Kind::none) {
            return found;
        }
    }
    return {};
}

}  // namespace auth_gate
