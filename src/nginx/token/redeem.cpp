#include "nginx/token/redeem.hpp"

#include "nginx/gate/request_facts.hpp"
#include "nginx/gate/request_state.hpp"
#include "nginx/jwt/verify_session.hpp"
#include "nginx/ngx/wake.hpp"
#include "nginx/state/zone.hpp"

#include <string>

namespace auth_gate {

namespace {

// A lease belongs to its redeemer: the same address, the same path as the client asked for it, before any rewrite.
std::uint64_t redeemer_of(ngx_http_request_t* r) {
    const std::string_view uri = view(r->unparsed_uri);
    std::string text(view(r->connection->addr_text));
    text += ' ';
    text += uri.substr(0, uri.find('?'));
    return short_hash(sha256(text));
}

void admit_token(const LocationConf& conf, RequestState& state, Taken taken) {
    state.forget_user();
    state.admission = Admission::token;
    state.lifted_token.replaces_credentials = false;
    Subject& subject = state.subject;
    subject.conf = &conf;
    subject.token_user = std::move(taken.user);
    if (taken.session_exp != 0) {
        subject.session_exp = taken.session_exp;
    }
    subject.facts = taken.facts;
    subject.purpose = taken.purpose;
}

Outcome judge(ngx_http_request_t* r, const LocationConf& conf, RequestState& state) {
    Taken taken = std::move(state.lifted_token.taken.value());
    state.lifted_token.taken.cancel();
    if (!taken.good()) {
        conf.zone->count(Counter::tokens_refused);
        log_refusal(r, sentence(taken.status));
        return Outcome::refuse(Refusal::bad_credentials);
    }
    if (taken.status == TakeStatus::redeemed) {
        conf.zone->count(Counter::tokens_redeemed);
    }
    admit_token(conf, state, std::move(taken));
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

    const Presented presented = {
        .digest = lifted.digest,
        .accepted = *conf.token.accepted,
        .demands = {conf.jwt.keys->key_set_id, conf.jwt.requirements->fingerprint()},
        .binding = conf.token.has_leases ? redeemer_of(r) : 0,
        .spend = spend,
    };
    main_conf(r)->tokens->take(presented, zone_clock(), lifted.taken);
    if (lifted.taken.is_asked()) {
        park(r);
        lifted.taken.on_ready(r, wake_request);
        return Outcome::wait();
    }
    return judge(r, conf, state);
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
