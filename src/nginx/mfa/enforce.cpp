#include "nginx/mfa/enforce.hpp"

#include "nginx/gate/request_facts.hpp"
#include "nginx/gate/request_state.hpp"
#include "nginx/identity/account.hpp"
#include "nginx/mfa/bypass.hpp"
#include "nginx/state/zone.hpp"

namespace auth_gate {

namespace {

// The location or the list says that a session without MFA is enough.
bool is_mfa_exempt(ngx_http_request_t* r, const LocationConf& conf) {
    return conf.mfa.mode() == MfaMode::exempt || is_listed(r, server_conf(r)->mfa_exempt_rules);
}

MfaQuestion question_of(ngx_http_request_t* r, const LocationConf& conf) {
    const bool exempt_path = is_mfa_exempt(r, conf);
    return {
        .mode = conf.mfa.mode(),
        .exempt_path = exempt_path,
        .bypass = !exempt_path && bypasses_mfa(r, conf),
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
    if (status == IdentityStatus::unauthorized) {
        log_refusal(r, "the application that was asked for the user says 401: it does not know the session");
        return Outcome::refuse(Refusal::bad_credentials);
    }
    log_refusal(r, "nobody knows whether the user has MFA");
    return Outcome::refuse(Refusal::unavailable);
}

// A JWT keeps saying so when its user has set MFA up.
bool jwt_says_no_mfa(ngx_http_request_t* r, const LocationConf& conf, RequestState& state) {
    if (!conf.identity.source->from_claims) {
        return false;
    }
    const Pending<IdentityAnswer>& answer = obtain_identity(r, conf, state);
    return answer.is_ready() && answer.value().status == IdentityStatus::known && !answer.value().identity.mfa;
}

// A session that was signed out at the application gets no token, whatever the zone still knows of its user.
[[gnu::noinline]] Outcome check_session(ngx_http_request_t* r, const LocationConf& conf, RequestState& state) {
    const Pending<IdentityAnswer>& answer = obtain_fresh_identity(r, conf, state);
    if (!answer.is_ready()) {
        return Outcome::wait();
    }
    switch (answer.value().status) {
    case IdentityStatus::known:
        return Outcome::go_on();
    case IdentityStatus::unauthorized:
        log_refusal(r, "the application does not know the session (check=identity)");
        return Outcome::refuse(Refusal::bad_credentials);
    case IdentityStatus::unavailable:
        break;
    }
    log_refusal(r, answer_to(Refusal::unavailable).decision);
    return Outcome::refuse(Refusal::unavailable);
}

bool needs_check(ngx_http_request_t* r, const LocationConf& conf, const RequestState& state) noexcept {
    return conf.token.checks_identity && r->method == NGX_HTTP_POST && state.has_user();
}

// The policy would have refused the request, also one of whose user nothing could be learnt.
void record_dry_run(const LocationConf& conf, RequestState& state) noexcept {
    if (!std::exchange(state.dry_run_refusal, true)) {
        conf.zone->count(Counter::mfa_dry_run);
    }
}

[[gnu::noinline]] Outcome apply_policy(ngx_http_request_t* r, const LocationConf& conf, RequestState& state) {
    const MfaQuestion& question = state.mfa_question;
    switch (decide(question)) {
    case MfaVerdict::allow:
        break;
    case MfaVerdict::allow_bypass:
        state.mfa_bypassed = true;
        break;
    case MfaVerdict::ask:  // nobody knows; identify() lets only a dry run come here
        if (!question.dry_run) {
            return Outcome::refuse(Refusal::unavailable);
        }
        record_dry_run(conf, state);
        break;
    case MfaVerdict::refuse:
        if (!question.dry_run) {
            conf.zone->count(Counter::mfa_refused);
            log_refusal(r, "MFA is required, and the user has none");
            return Outcome::refuse(Refusal::mfa_required);
        }
        record_dry_run(conf, state);
        break;
    }
    if (conf.identity.source != nullptr && conf.zone != nullptr && changes_something(r) &&
        (question.exempt_path || conf.mfa.disable == 1)) {
        // These requests set MFA up or give it up: what is known of the user ends with their success.
        state.after_success.accounts_to_drop = accounts_of(state, conf);
        state.after_success.may_outdate_jwt = question.exempt_path && jwt_says_no_mfa(r, conf, state);
    }
    return Outcome::go_on();
}

}  // namespace

bool is_mfa_required(const LocationConf& conf) noexcept {
    return conf.mfa.mode() == MfaMode::always || conf.zone->settings().require_mfa;
}

Outcome identify(ngx_http_request_t* r, const LocationConf& conf, RequestState& state) {
    if (needs_check(r, conf, state)) {
        if (const Outcome outcome = check_session(r, conf, state); !outcome.goes_on()) {
            return outcome;
        }
    }
    return has_policy(conf, state) ? learn_mfa(r, conf, state) : Outcome::go_on();
}

Outcome enforce_mfa(ngx_http_request_t* r, const LocationConf& conf, RequestState& state) {
    return has_policy(conf, state) ? apply_policy(r, conf, state) : Outcome::go_on();
}

}  // namespace auth_gate
