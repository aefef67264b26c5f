#include "nginx/mfa/enforce.hpp"

#include "nginx/identity/identity_lookup.hpp"
#include "nginx/state/zone.hpp"

namespace auth_gate {

namespace {

bool changes_something(ngx_http_request_t* r) noexcept {
    return (r->method & (NGX_HTTP_GET | NGX_HTTP_HEAD | NGX_HTTP_OPTIONS)) == 0;
}

Refusal refusal_for(IdentityStatus status) noexcept {
    switch (status) {
    case IdentityStatus::unauthorized:
        return Refusal::bad_credentials;
    case IdentityStatus::known:
    case IdentityStatus::waiting:
    case IdentityStatus::unavailable:
        break;
    }
    return Refusal::unavailable;
}

}  // namespace

bool is_mfa_required(const LocationConf& conf) noexcept {
    return conf.mfa.mode() == MfaMode::always || conf.zone->settings().require_mfa;
}

bool is_mfa_exempt(ngx_http_request_t* r, const LocationConf& conf) {
    const path::Rules* rules = server_conf(r)->mfa_exempt_rules;
    return conf.mfa.mode() == MfaMode::exempt || (rules != nullptr && rules->match(view(r->method_name), view(r->uri)));
}

MfaOutcome enforce_mfa(ngx_http_request_t* r, Context& context, const LocationConf& conf, Refusal& refusal) {
    if (conf.mfa.mode() == MfaMode::off) {
        return MfaOutcome::go_on;
    }
    const bool exempt = is_mfa_exempt(r, conf);
    if (conf.identity.source != nullptr && conf.zone != nullptr && changes_something(r) &&
        (exempt || conf.mfa.disable == 1)) {
        // Setting MFA up and giving it up is what these are for.
        context.after_success.identity_to_drop = identity_key(context, conf);
    }

    MfaQuestion question = {
        .mode = conf.mfa.mode(),
        .exempt_path = exempt,
        .require_mfa = conf.mfa.mode() == MfaMode::policy && conf.zone->settings().require_mfa,
        .dry_run = conf.mfa.dry_run == 1,
        .has_mfa = std::nullopt,
    };
    MfaVerdict verdict = decide(question);
    if (verdict == MfaVerdict::ask) {
        const IdentityStatus status = obtain_identity(r, context, conf);
        if (status == IdentityStatus::waiting) {
            return MfaOutcome::waiting;
        }
        if (status != IdentityStatus::known) {
            if (question.dry_run) {
                return MfaOutcome::go_on;
            }
            refusal = refusal_for(status);
            return MfaOutcome::refused;
        }
        question.has_mfa = context.identity->mfa;
        verdict = decide(question);
    }
    if (verdict == MfaVerdict::allow) {
        return MfaOutcome::go_on;
    }
    if (question.dry_run) {
        context.dry_run_refusal = true;
        conf.zone->count(Counter::mfa_dry_run);
        return MfaOutcome::go_on;
    }
    conf.zone->count(Counter::mfa_refused);
    refusal = Refusal::mfa_required;
    return MfaOutcome::refused;
}

}  // namespace auth_gate
