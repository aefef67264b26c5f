#include "nginx/jwt/verify_session.hpp"

#include "nginx/gate/request_state.hpp"

namespace auth_gate {

Outcome verify_session(ngx_http_request_t* r, const LocationConf& conf, RequestState& state) {
    const jwt::Checks checks = {
        .now = ngx_time(),
        .leeway = conf.jwt.leeway,
        .max_size = conf.jwt.max_size,
        .require_exp = conf.jwt.require_exp == 1,
        .user_claim = view(conf.jwt.user_claim),
    };
    jwt::Verified verified =
        main_conf(r)->sessions->verify(state.choice.credential.text, conf.jwt.keys->keys, conf.jwt.verifier_id, checks);
    if (verified.status != jwt::Status::valid) {
        log_refusal(r, jwt::sentence(verified.status));
        return Outcome::refuse(Refusal::bad_credentials);
    }
    if (!conf.jwt.requirements->met_by(verified.session->claims)) {
        log_refusal(r, "the JWT lacks a claim that this location requires");
        return Outcome::refuse(Refusal::bad_credentials);
    }
    Subject& subject = state.subject;
    if (subject.conf != nullptr && subject.session != verified.session) {
        state.forget_user();
    }
    state.admission = Admission::jwt;
    subject.conf = &conf;
    subject.session = std::move(verified.session);
    subject.session_exp = subject.session->exp;
    return Outcome::go_on();
}

}  // namespace auth_gate
