#include "nginx/mfa/enforce.hpp"

#include "nginx/gate/request_state.hpp"
#include "nginx/state/zone.hpp"

namespace auth_gate {

namespace {

bool changes_something(ngx_http_request_t* r) noexcept {
    return (r->method & (NGX_HTTP_GET | NGX_HTTP_HEAD | NGX_HTTP_OPTIONS)) == 0;
}

MfaQuestion question_of(ngx_http_request_t* r, const LocationConf& conf) {
    return {
        .mode = conf.mfa.mode(),
        .exempt_path = is_mfa_exempt(r, conf),
        .require_mfa = conf.mfa.mode() == MfaMode::policy && conf.zone->settings().require_mfa,
        .dry_run = conf.mfa.dry_run == 1,
        .has_mfa = std::nullopt,
    };
}

// Most locations have no policy: they do not pay for the calls behind it.
bool has_policy(const LocationConf& conf, const RequestState& state) noexcept {
    return state.has_user() && conf.mfa.mode() != MfaMode::off;
}

[[gnu::noinline]] Outcome learn_mfa(ngx_http_request_t* r, const LocationConf& conf, RequestState& state) {
    MfaQuestion& question = state.mfa_question;
    question = question_of(r, conf);
    if (decide(question) != MfaVerdict::ask) {
        return Outcome::go_on();
    }
    const Pending<IdentityAnswer>& answer = obtain_identity(r, conf, state);
    if (!answer.is_ready()) {
        return Outcome::wait();
    }
    const IdentityStatus status = answer.value().status;
    if (status == IdentityStatus::known) {
        question.has_mfa = answer.value().identity.mfa;
        return Outcome::go_on();
    }
    if (question.dry_run) {
        return Outcome::go_on();
    }
    const Refusal refusal = status == IdentityStatus::unauthorized ? Refusal::bad_credentials : Refusal::unavailable;
    log_refusal(r, answer_to(refusal).decision);
    return Outcome::refuse(refusal);
}

[[gnu::noinline]] Outcome apply_policy(ngx_http_request_t* r, const LocationConf& conf, RequestState& state) {
    const MfaQuestion& question = state.mfa_question;
    if (conf.identity.source != nullptr && conf.zone != nullptr && changes_something(r) &&
        (question.exempt_path || conf.mfa.disable == 1)) {
        // These requests set MFA up or give it up: what is known of the user ends with their success.
        state.after_success.identity_to_drop = identity_key(state, conf);
    }
    switch (decide(question)) {
    case MfaVerdict::allow:
        return Outcome::go_on();
    case MfaVerdict::ask:  // nobody knows; identify() lets only a dry run come here
        return question.dry_run ? Outcome::go_on() : Outcome::refuse(Refusal::unavailable);
    case MfaVerdict::refuse:
        break;
    }
    if (question.dry_run) {
        state.dry_run_refusal = true;
        conf.zone->count(Counter::mfa_dry_run);
        return Outcome::go_on();
    }
    conf.zone->count(Counter::mfa_refused);
    log_refusal(r, answer_to(Refusal::mfa_required).decision);
    return Outcome::refuse(Refusal::mfa_required);
}

}  // namespace

bool is_mfa_required(const LocationConf& conf) noexcept {
    return conf.mfa.mode() == MfaMode::always || conf.zone->settings().require_mfa;
}

bool is_mfa_exempt(ngx_http_request_t* r, const LocationConf& conf) {
    const path::Rules* rules = server_conf(r)->mfa_exempt_rules;
    return conf.mfa.mode() == MfaMode::exempt || (rules != nullptr && rules->match(view(r->method_name), view(r->uri)));
}

Outcome identify(ngx_http_request_t* r, const LocationConf& conf, RequestState& state) {
    return has_policy(conf, state) ? learn_mfa(r, conf, state) : Outcome::go_on();
}

Outcome enforce_mfa(ngx_http_request_t* r, const LocationConf& conf, RequestState& state) {
    return has_policy(conf, state) ? apply_policy(r, conf, state) : Outcome::go_on();
}

}  // namespace auth_gate
