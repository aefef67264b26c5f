#include "nginx/gate/admit.hpp"

#include "nginx/gate/authorization.hpp"
#include "nginx/gate/canonical_path.hpp"
#include "nginx/gate/origin.hpp"
#include "nginx/gate/request_state.hpp"
#include "nginx/gate/upgrade.hpp"
#include "nginx/jwt/upstream_session.hpp"
#include "nginx/mfa/bypass.hpp"
#include "nginx/mfa/enforce.hpp"
#include "nginx/mfa/open_sockets.hpp"
#include "nginx/ngx/headers.hpp"

namespace auth_gate {

namespace {

void replace_credentials(ngx_http_request_t* r, const LocationConf& conf, RequestState& state) {
    send_session_of_token(r, conf, state);
    state.lifted_token.replaces_credentials = true;
}

void edit_headers(ngx_http_request_t* r, const LocationConf& conf, RequestState& state) {
    switch (state.choice.kind) {
    case Choice::Kind::preflight:
        remove_sessions(r, conf);
        remove_cookies(r);
        break;
    case Choice::Kind::opaque:
        remove_all_but_authorization(r, conf);
        break;
    case Choice::Kind::stranger:
        remove_sessions(r, conf);
        break;
    case Choice::Kind::jwt:
        keep_only_this_session(r, conf, state.choice.credential);
        break;
    case Choice::Kind::token:
        replace_credentials(r, conf, state);
        break;
    case Choice::Kind::kept:
        // A request that was redirected in the middle of the stages has not been edited yet.
        if (!state.lifted_token.replaces_credentials) {
            replace_credentials(r, conf, state);
        }
        break;
    case Choice::Kind::refused:
    case Choice::Kind::public_path:
        break;
    }
}

// An open socket outlives the decision that let it in, and is held to the policy unless that decision said that the
// policy does not apply to it. Applications may accept malformed handshakes, so any Upgrade counts.
bool is_watched(ngx_http_request_t* r, const LocationConf& conf, const RequestState& state) {
    return state.has_user() && conf.mfa.sockets == 1 && conf.mfa.dry_run != 1 &&
           (conf.mfa.mode() == MfaMode::policy || conf.mfa.mode() == MfaMode::always) && asks_for_upgrade(r) &&
           !state.mfa_question.exempt_path && !state.mfa_question.bypass;
}

// The application must not see a login that the gate did not check, but auth_basic, in the same phase, has to, and
// later $remote_user: they read nginx's own pointer. Under `satisfy any`, nobody else has to look.
void edit_headers_behind_others(ngx_http_request_t* r, const LocationConf& conf, RequestState& state) {
    const ngx_table_elt_t* header = r->headers_in.authorization;
    const bool others_look =
        r == r->main && core_conf(r)->satisfy == NGX_HTTP_SATISFY_ALL && state.choice.kind != Choice::Kind::preflight;
    if (!others_look || header == nullptr || !is_other_login(view(header->value))) {
        edit_headers(r, conf, state);
        return;
    }
    const ngx_table_elt_t sent = *header;
    edit_headers(r, conf, state);
    show_authorization(r, sent);
}

}  // namespace

Outcome admit(ngx_http_request_t* r, const LocationConf& conf, RequestState& state) {
    edit_headers_behind_others(r, conf, state);
    if (is_watched(r, conf, state)) {
        watch_socket(r, state, conf);
    }
    return Outcome::go_on();
}

ngx_int_t accept_other_module(ngx_http_request_t* r) noexcept {
    RequestState* state = state_here(r);
    const LocationConf& conf = *location_conf(r);
    if (state == nullptr || (state->refusal == Refusal::none && !refuses_path(conf, *state))) {
        return NGX_DECLINED;
    }
    return shielded(r->connection->log, ngx_int_t{NGX_HTTP_SERVICE_UNAVAILABLE}, [&]() -> ngx_int_t {
        if (is_of_origin(state->refusal)) {
            return refuse(r, *state, state->refusal);
        }
        if (state->refusal != Refusal::none) {
            state->refusal = Refusal::none;
            state->admission = Admission::other_module;
        }
        const Outcome outcome = check_path(r, conf, *state);
        if (outcome.goes_on()) {
            return NGX_DECLINED;
        }
        state->admission = Admission::refused;
        return refuse(r, *state, outcome.refusal());
    });
}

}  // namespace auth_gate
