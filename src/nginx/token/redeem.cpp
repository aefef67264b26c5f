#include "nginx/token/redeem.hpp"

#include "nginx/gate/origin.hpp"
#include "nginx/gate/request_facts.hpp"
#include "nginx/gate/request_state.hpp"
#include "nginx/jwt/verify_session.hpp"
#include "nginx/ngx/clock.hpp"
#include "nginx/ngx/headers.hpp"
#include "nginx/ngx/wake.hpp"
#include "nginx/state/zone.hpp"
#include "nginx/token/bound_place.hpp"
#include "nginx/token/lease.hpp"

namespace auth_gate {

namespace {

void admit_token(const LocationConf& conf, RequestState& state, Taken taken,
                 std::shared_ptr<const TokenSession> session) {
    state.forget_user();
    state.admission = Admission::token;
    state.lifted_token.replaces_credentials = false;
    Subject& subject = state.subject;
    subject.conf = &conf;
    subject.token_user = std::move(taken.user);
    subject.token_session = std::move(session);
    subject.account_scope = taken.account_scope;
    if (taken.session_exp != 0) {
        subject.session_exp = taken.session_exp;
    }
    subject.facts = taken.facts;
    subject.purpose = taken.purpose;
}

Outcome judge(ngx_http_request_t* r, const LocationConf& conf, RequestState& state);

// `places` is for a token that is bound to one, which the store has to say first: few tokens are.
Outcome present(ngx_http_request_t* r, const LocationConf& conf, RequestState& state,
                std::span<const std::uint64_t> places) {
    LiftedToken& lifted = state.lifted_token;
    Presented presented = {
        .digest = lifted.digest,
        .accepted = *conf.token.accepted,
        .account_scopes = *conf.jwt.scopes,
        .session_clock = wall_clock() - conf.jwt.leeway,
        .places = places,
        .spend = r->method != NGX_HTTP_HEAD,
    };
    if (conf.token.has_leases) {
        presented.bindings = lease_bindings(r, *conf.token.accepted);
    }
    main_conf(r)->tokens->take(presented, zone_clock(), lifted.taken);
    if (lifted.taken.is_asked()) {
        park(r);
        lifted.taken.on_ready(r, wake_request);
        return Outcome::wait();
    }
    return judge(r, conf, state);
}

[[gnu::noinline]] Outcome present_with_places(ngx_http_request_t* r, const LocationConf& conf, RequestState& state) {
    return present(r, conf, state, places_of(r, conf, state));
}

Outcome judge(ngx_http_request_t* r, const LocationConf& conf, RequestState& state) {
    Taken taken = std::move(state.lifted_token.taken.value());
    state.lifted_token.taken.cancel();
    if (taken.status == TakeStatus::unavailable) {
        log_refusal(r, sentence(taken.status));
        add_response_header(r, "Retry-After", "1");
        return Outcome::refuse(Refusal::unavailable);
    }
    if (taken.status == TakeStatus::which_place) {
        return present_with_places(r, conf, state);
    }
    if (!taken.good()) {
        conf.zone->count(Counter::tokens_refused);
        log_refusal(r, sentence(taken.status));
        return Outcome::refuse(Refusal::bad_credentials);
    }
    if (taken.status == TakeStatus::redeemed) {
        conf.zone->count(Counter::tokens_redeemed);
    }
    auto session = std::make_shared<const TokenSession>(std::move(taken.session));
    if (!session->is_readable()) {
        log_refusal(r, "the token's session cannot be read");
        return Outcome::refuse(Refusal::unavailable);
    }
    const std::string_view unmet =
        conf.jwt.requirements->empty() ? std::string_view() : conf.jwt.requirements->unmet_by(session->claims());
    if (!unmet.empty()) {
        log_refusal(r, "the token's session lacks a claim that this location requires: " + std::string(unmet));
        return Outcome::refuse(Refusal::forbidden);
    }
    admit_token(conf, state, std::move(taken), std::move(session));
    return Outcome::go_on();
}

Outcome redeem_token(ngx_http_request_t* r, const LocationConf& conf, RequestState& state) {
    LiftedToken& lifted = state.lifted_token;
    if (lifted.taken.is_asked()) {
        return Outcome::wait();
    }
    if (lifted.taken.is_ready()) {
        return judge(r, conf, state);
    }
    if (lifted.kind == UrlToken::unusable) {
        log_refusal(r, "the token parameter holds no token");
        return Outcome::refuse(Refusal::bad_credentials);
    }
    if (is_prefetch(r)) {
        log_refusal(r, "a token is not spent on a prefetch");
        return Outcome::refuse(Refusal::prefetch);
    }
    const bool spend = r->method != NGX_HTTP_HEAD;
    if (spend && lifted.presented) {
        log_refusal(r, "the token was presented before");
        return Outcome::refuse(Refusal::bad_credentials);
    }
    lifted.presented |= spend;
    return main_conf(r)->tokens->is_far() ? present_with_places(r, conf, state) : present(r, conf, state, {});
}

}  // namespace

Outcome redeem(ngx_http_request_t* r, const LocationConf& conf, RequestState& state) {
    switch (state.choice.kind) {
    case Choice::Kind::preflight:
        state.admission = Admission::preflight;
        break;
    case Choice::Kind::public_path:
        state.admission = Admission::public_path;
        break;
    case Choice::Kind::stranger:
        state.admission = Admission::stranger;
        break;
    case Choice::Kind::opaque:
        state.forget_user();
        state.admission = Admission::opaque;
        return check_origin_of_opaque(r, conf);
    case Choice::Kind::jwt:
        return verify_session(r, conf, state);
    case Choice::Kind::token:
        return redeem_token(r, conf, state);
    case Choice::Kind::refused:
    case Choice::Kind::kept:
        break;
    }
    return Outcome::go_on();
}

}  // namespace auth_gate
