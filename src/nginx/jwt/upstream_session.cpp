#include "nginx/jwt/upstream_session.hpp"

#include "nginx/gate/authorization.hpp"
#include "nginx/gate/request_state.hpp"
#include "nginx/jwt/session_cookies.hpp"
#include "nginx/ngx/headers.hpp"

namespace auth_gate {

namespace {

using Kind = jwt::PlaceKind;

void remove_other_headers(ngx_http_request_t* r, const LocationConf& conf, std::string_view kept) {
    for (const std::string& name : conf.jwt.places->headers) {
        if (name != kept) {
            remove_headers(r, name);
        }
    }
}

void add_session(ngx_http_request_t* r, const jwt::SessionPlace& place, std::string_view jwt) {
    switch (place.kind) {
    case Kind::bearer:
        set_authorization(r, join(r->pool, {place.name, " ", jwt}));
        break;
    case Kind::header:
        add_request_header(r, view(copy(r->pool, place.name)), copy(r->pool, jwt));
        break;
    case Kind::cookie:
        add_request_header(r, "Cookie", join(r->pool, {place.name, "=", jwt}));
        break;
    }
}

jwt::SessionPlace place_of(const RequestState& state) noexcept {
    const auto& to = state.subject.conf->jwt.upstream->to;
    return to ? jwt::SessionPlace{to->kind, to->name} : state.subject.token_session->copy().place;
}

}  // namespace

void keep_only_this_session(ngx_http_request_t* r, const LocationConf& conf, const Credential& verified) {
    keep_only_session_cookie(r, conf, verified);
    remove_other_headers(r, conf, verified.place.kind == Kind::header ? verified.place.name : std::string_view());
    // The headers of a subrequest are those of the request itself.
    if (verified.place.kind != Kind::bearer && (r == r->main || may_authorize_session(r))) {
        remove_authorization(r);
    }
}

void remove_all_but_authorization(ngx_http_request_t* r, const LocationConf& conf) {
    keep_only_session_cookie(r, conf, {});
    remove_other_headers(r, conf, {});
}

void remove_sessions(ngx_http_request_t* r, const LocationConf& conf) {
    remove_all_but_authorization(r, conf);
    remove_authorization(r);
}

void send_session_of_token(ngx_http_request_t* r, const LocationConf& conf, RequestState& state) {
    if (!conf.jwt.upstream->on) {
        remove_sessions(r, conf);
        return;
    }
    remove_all_but_authorization(r, conf);
    const jwt::SessionPlace place = place_of(state);
    const std::string_view jwt = view(fresh_jwt(r, state));
    switch (place.kind) {
    case Kind::bearer:  // replaces what is there
        add_session(r, place, jwt);
        return;
    case Kind::header:
        remove_headers(r, place.name);
        add_session(r, place, jwt);
        break;
    case Kind::cookie:
        add_session_cookie(r, place.name, jwt);
        break;
    }
    remove_authorization(r);
}

void send_session_with_lookup(ngx_http_request_t* sr, RequestState& state) {
    if (state.admission == Admission::jwt) {
        const Credential& own = state.choice.credential;
        add_session(sr, own.place, own.text);
        return;
    }
    add_session(sr, place_of(state), view(fresh_jwt(sr, state)));
}

}  // namespace auth_gate
