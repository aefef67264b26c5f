#include "nginx/gate/known_user.hpp"

#include "nginx/gate/credentials.hpp"
#include "nginx/gate/request_state.hpp"
#include "nginx/gate/subrequests.hpp"
#include "nginx/jwt/verify_session.hpp"
#include "nginx/ngx/pool_object.hpp"
#include "nginx/token/url_token.hpp"

namespace auth_gate {

namespace {

KnownUser admitted_user(const RequestState& state) {
    if (!state.has_user()) {
        return {};
    }
    return {&state.user(), &state.subject.claims(), true};
}

bool was_refused(const RequestState& state) noexcept {
    return state.admission == Admission::refused || state.admission == Admission::other_module;
}

// The gate of this location has decided, or there is none, or no answer can come from it any more.
bool is_settled(ngx_http_request_t* r, const RequestState* state, bool by_itself) noexcept {
    if (location_conf(r)->gate.on != 1) {
        return true;
    }
    if (state == nullptr) {
        return false;
    }
    if (!by_itself) {
        return state->has_user() || was_refused(*state);
    }
    const bool decided = state->decided && ngx_http_get_module_ctx(r, ngx_http_auth_gate_module) != nullptr;
    return decided || (was_refused(*state) && r->header_sent);
}

// nginx logs requests whose header it could not read.
bool is_read(ngx_http_request_t* r) noexcept {
    return r->valid_location || r->internal;
}

// Of the account that the request was admitted for, before an internal redirect led to this location.
bool is_admitted(const RequestState& state, const LocationConf& conf, const UserId& user) noexcept {
    return state.has_user() && state.subject.conf->jwt.verifier_id == conf.jwt.verifier_id && state.user() == user;
}

KnownUser early_user(ngx_http_request_t* r, const LocationConf& conf, RequestState& state) {
    Choice choice = choose(r, conf, state, url_token_of(r, conf, state));
    if (choice.kind == Choice::Kind::kept) {
        return admitted_user(state);
    }
    if (choice.kind != Choice::Kind::jwt) {
        return {};
    }
    if (choice.credential.several && settle_cookie(r, conf, state, choice.credential) != nullptr) {
        return {};
    }
    const std::string_view text = choice.credential.text;
    if (state.early == nullptr) {
        state.early = make<EarlyJwt>(r->main->pool);
    }
    EarlyJwt& early = *state.early;
    if (early.conf != &conf || early.text != text) {
        early = {&conf, std::string(text), session_of(r, conf, state, text)};
    }
    if (early.session == nullptr) {
        return {};
    }
    const UserId& user = early.session->user;
    return {&user, &early.session->claims, is_admitted(state, conf, user)};
}

}  // namespace

bool EarlyJwt::is_session_of(std::string_view jwt, const LocationConf& here) const noexcept {
    return session != nullptr && conf->jwt.verifier_id == here.jwt.verifier_id &&
           conf->jwt.sources == here.jwt.sources && text == jwt;
}

KnownUser known_user(ngx_http_request_t* r) {
    const bool by_itself = r == r->main || is_decided_by_itself(r);
    RequestState* state = by_itself ? own_state(r) : find_state(r);
    if (is_settled(r, state, by_itself)) {
        return state == nullptr ? KnownUser{} : admitted_user(*state);
    }
    if (!is_read(r)) {
        return {};
    }
    // An internal redirect may have taken the request from the gate: that stays as it is.
    return early_user(r, *location_conf(r), state == nullptr ? obtain_state(r) : *state);
}

}  // namespace auth_gate
