#include "nginx/gate/admit.hpp"

#include "nginx/gate/request_facts.hpp"
#include "nginx/gate/request_state.hpp"
#include "nginx/gate/upgrade.hpp"
#include "nginx/mfa/enforce.hpp"
#include "nginx/mfa/open_sockets.hpp"
#include "nginx/ngx/headers.hpp"

namespace auth_gate {

namespace {

// A second session that nobody verified must not be the one that the application reads.
void keep_only_this_jwt(ngx_http_request_t* r, const LocationConf& conf, const Credential& verified) {
    remove_cookies(r, conf.jwt.sources->cookies, verified.cookie);
    if (!verified.cookie.empty() && has_bearer(r)) {
        remove_authorization(r);
    }
}

// The application must see the user of the token, whatever else the browser sent along.
void replace_credentials(ngx_http_request_t* r, const LocationConf& conf, RequestState& state) {
    remove_cookies(r, conf.jwt.sources->cookies);
    if (conf.jwt.upstream == 1) {
        set_authorization(r, join(r->pool, {"Bearer ", view(fresh_jwt(r, state))}));
    } else {
        remove_authorization(r);
    }
    state.lifted_token.replaces_credentials = true;
}

void edit_headers(ngx_http_request_t* r, const LocationConf& conf, RequestState& state) {
    remove_improper_upgrade(r);
    switch (state.choice.kind) {
    case Choice::Kind::preflight:
        remove_authorization(r);
        remove_cookies(r);
        break;
    case Choice::Kind::jwt:
        keep_only_this_jwt(r, conf, state.choice.credential);
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

// An open socket outlives the decision that let it in. Applications may accept malformed handshakes, so any Upgrade
// counts.
bool is_watched(ngx_http_request_t* r, const LocationConf& conf, const RequestState& state) {
    return state.has_user() && conf.mfa.sockets == 1 && conf.mfa.dry_run != 1 &&
           (conf.mfa.mode() == MfaMode::policy || conf.mfa.mode() == MfaMode::always) && asks_for_upgrade(r) &&
           !is_mfa_exempt(r, conf);
}

bool may_reach(ngx_http_request_t* sr, const LocationConf& conf, const RequestState& state) {
    if (state.admission == Admission::undecided || state.admission == Admission::refused) {
        return false;
    }
    if (sr->loc_conf == sr->main->loc_conf) {
        return true;  // slices of the same answer
    }
    if (!state.has_user() || !meets_same_demands(conf, state)) {
        return false;
    }
    const bool asks = conf.mfa.mode() == MfaMode::policy || conf.mfa.mode() == MfaMode::always;
    const Identity* identity = state.lookup.identity_of(conf.identity.source);
    return !asks || conf.mfa.dry_run == 1 || !is_mfa_required(conf) || (identity != nullptr && identity->mfa);
}

}  // namespace

Outcome admit(ngx_http_request_t* r, const LocationConf& conf, RequestState& state) {
    if (state.ambiguous_path) {
        return refuse_ambiguous_path(r, state);
    }
    edit_headers(r, conf, state);
    if (is_watched(r, conf, state)) {
        watch_socket(r, state, conf);
    }
    return Outcome::go_on();
}

Outcome refuse_ambiguous_path(ngx_http_request_t* r, RequestState& state) {
    log_refusal(r, "the application might read the path differently");
    state.admission = Admission::refused;
    return Outcome::refuse(Refusal::bad_path);
}

ngx_int_t accept_other_module(ngx_http_request_t* r) noexcept {
    RequestState* state = state_here(r);
    if (state == nullptr || (state->refusal == Refusal::none && !state->ambiguous_path)) {
        return NGX_DECLINED;
    }
    return shielded(r->connection->log, ngx_int_t{NGX_HTTP_SERVICE_UNAVAILABLE}, [&]() -> ngx_int_t {
        if (state->refusal != Refusal::none) {
            state->refusal = Refusal::none;
            state->admission = Admission::other_module;
            remove_improper_upgrade(r);
        }
        return state->ambiguous_path ? refuse(r, *state, Refusal::bad_path) : ngx_int_t{NGX_DECLINED};
    });
}

ngx_int_t refuse_unadmitted_subrequest(ngx_http_request_t* r) noexcept {
    const LocationConf& conf = *location_conf(r);
    // An internal location is the site's own business: auth_request, mirror, the gate's own lookups.
    if (r == r->main || conf.gate.on != 1 || core_conf(r)->internal) {
        return NGX_DECLINED;
    }
    return shielded(r->connection->log, ngx_int_t{NGX_HTTP_FORBIDDEN}, [&] {
        const RequestState* state = find_state(r);
        const bool allowed = is_public(r) || (state != nullptr && may_reach(r, conf, *state));
        return allowed ? ngx_int_t{NGX_DECLINED} : ngx_int_t{NGX_HTTP_FORBIDDEN};
    });
}

}  // namespace auth_gate
