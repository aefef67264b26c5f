#include "nginx/jwt/verify_session.hpp"

#include "nginx/gate/known_user.hpp"
#include "nginx/gate/origin.hpp"
#include "nginx/gate/request_state.hpp"
#include "nginx/jwt/session_cookies.hpp"
#include "nginx/ngx/clock.hpp"

namespace auth_gate {

namespace {

[[gnu::always_inline]] inline jwt::Verified verify(ngx_http_request_t* r, const LocationConf& conf,
                                                   const RequestState& state, std::string_view jwt) {
    const jwt::Checks checks = {
        .now = wall_clock(),
        .leeway = conf.jwt.leeway,
        .max_size = conf.jwt.max_size,
        .require_exp = conf.jwt.require_exp == 1,
        .user_claim = view(conf.jwt.user_claim),
    };
    if (state.early != nullptr && state.early->is_session_of(jwt, conf)) {
        return jwt::check({jwt::Status::valid, state.early->session}, jwt.size(), checks);
    }
    return main_conf(r)->sessions->verify(jwt, conf.jwt.keys->keys, conf.jwt.verifier_id, checks);
}

}  // namespace

std::shared_ptr<const jwt::Session> session_of(ngx_http_request_t* r, const LocationConf& conf,
                                               const RequestState& state, std::string_view jwt) {
    jwt::Verified verified = verify(r, conf, state, jwt);
    const bool good = verified.status == jwt::Status::valid && conf.jwt.requirements->met_by(verified.session->claims);
    return good ? std::move(verified.session) : nullptr;
}

const char* settle_cookie(ngx_http_request_t* r, const LocationConf& conf, const RequestState& state,
                          Credential& credential) {
    const auto values = session_values(r, credential.place.name);
    if (!values) {
        return "the session cookie came with too many values";
    }
    if (r != r->main && values->size() > 1) {
        return "the session cookie came twice";  // and a subrequest's headers, which are the main request's, stay as
                                                 // they are
    }
    std::shared_ptr<const jwt::Session> best;
    for (const std::string_view value : *values) {
        auto session = session_of(r, conf, state, value);
        if (session == nullptr) {
            if (best == nullptr && verify(r, conf, state, value).status == jwt::Status::valid) {
                credential.text = value;  // a session that is not enough here, rather than none
            }
            continue;
        }
        if (best != nullptr && session->user != best->user) {
            return "the session cookies are of different users";
        }
        if (best == nullptr || session->issued_at > best->issued_at) {
            best = std::move(session);
            credential.text = value;
        }
    }
    return nullptr;
}

Outcome verify_session(ngx_http_request_t* r, const LocationConf& conf, RequestState& state) {
    Credential& credential = state.choice.credential;
    if (credential.several) {
        if (const char* why = settle_cookie(r, conf, state, credential)) {
            return refuse_session(r, conf, state, why);
        }
    }
    jwt::Verified verified = verify(r, conf, state, credential.text);
    if (verified.status != jwt::Status::valid) {
        return refuse_session(r, conf, state, jwt::sentence(verified.status));
    }
    const std::string_view unmet = conf.jwt.requirements->unmet_by(verified.session->claims);
    if (!unmet.empty()) {
        log_refusal(r, "the JWT lacks a claim that this location requires: " + std::string(unmet));
        return Outcome::refuse(Refusal::forbidden);
    }
    Subject& subject = state.subject;
    if (subject.conf != nullptr && subject.session != verified.session) {
        state.forget_user();
    }
    state.admission = Admission::jwt;
    subject.conf = &conf;
    subject.session = std::move(verified.session);
    subject.account_scope = (*conf.jwt.scopes)[subject.session->key];
    subject.session_exp = subject.session->has_end() ? std::optional(subject.session->exp) : std::nullopt;
    return credential.is_cookie() ? check_origin(r, conf) : Outcome::go_on();
}

}  // namespace auth_gate
