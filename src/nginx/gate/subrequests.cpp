#include "nginx/gate/subrequests.hpp"

#include "nginx/gate/access.hpp"
#include "nginx/gate/canonical_path.hpp"
#include "nginx/gate/request_state.hpp"
#include "nginx/mfa/enforce.hpp"
#include "nginx/ngx/subrequest.hpp"
#include "nginx/token/redeem.hpp"

#include "core/http/path.hpp"

namespace auth_gate {

namespace {

// What was learnt of the main request's user holds for the same session.
Outcome reuse_identity(ngx_http_request_t* r, const LocationConf&, RequestState& state) {
    const RequestState* main = own_state(r->main);
    if (main != nullptr && main->has_user() && state.admission == main->admission &&
        state.subject.session == main->subject.session) {
        state.lookup.reuse(main->lookup);
    }
    return Outcome::go_on();
}

// The path of a subrequest is what nginx read: it has no other form.
bool has_refused_path(ngx_http_request_t* r, const LocationConf& conf) {
    const RequestState* state = own_state(r);
    return conf.gate.path_as_sent != 1 &&
           (path::is_ambiguous(view(r->uri)) || (state != nullptr && state->path.ambiguous));
}

Outcome check_own_path(ngx_http_request_t* r, const LocationConf& conf, RequestState&) {
    if (!has_refused_path(r, conf)) {
        return Outcome::go_on();
    }
    log_refusal(r, path_refusal);
    return Outcome::refuse(Refusal::bad_path);
}

// Their handlers answer main requests, and behind them the application would answer without their checks.
bool is_for_main_requests(const LocationConf& conf) noexcept {
    return conf.mfa.app_settings == 1 || conf.mfa.disable == 1 || conf.oidc.settings_provider != nullptr;
}

Outcome check_endpoint(ngx_http_request_t* r, const LocationConf& conf, RequestState&) {
    if (!is_for_main_requests(conf)) {
        return Outcome::go_on();
    }
    log_refusal(r, "this endpoint answers no subrequests");
    return Outcome::refuse(Refusal::not_admin);
}

constexpr Stage stages[] = {choose_credentials, redeem,         reuse_identity, identify,
                            enforce_mfa,        check_own_path, check_endpoint};
constexpr Stage stages_without_gate[] = {check_own_path};

// An internal location that only takes over the gate of its server may be meant for everybody.
bool is_gated(ngx_http_request_t* r, const LocationConf& conf) noexcept {
    return conf.gate.on == 1 &&
           (core_conf(r)->internal != 1 || conf.gate.of_location == 1 || is_for_main_requests(conf));
}

// Under `satisfy any`, nginx asks no module whether it would let this subrequest in. What let the main request in
// was asked about this location.
bool is_let_in_by_other_module(ngx_http_request_t* r) noexcept {
    const RequestState* main = own_state(r->main);
    return main != nullptr && main->admission == Admission::other_module && r->loc_conf == r->main->loc_conf;
}

bool needs_decision(ngx_http_request_t* r, const LocationConf& conf) noexcept {
    return is_gated(r, conf) && !is_let_in_by_other_module(r);
}

}  // namespace

bool is_decided_by_itself(ngx_http_request_t* r) noexcept {
    // The main request itself, on its way to the application, is decided again after a redirect.
    const bool goes_by_main = is_lookup(r) || (is_same_request(r) && own_state(r) == nullptr);
    return !goes_by_main && needs_decision(r, *location_conf(r));
}

ngx_int_t note_path_of_subrequest(ngx_http_request_t* r) noexcept {
    if (r == r->main || server_conf(r)->gated != 1 || is_lookup(r) || is_same_request(r) ||
        !path::has_empty_segment(view(r->uri))) {
        return NGX_DECLINED;
    }
    return shielded(r->connection->log, ngx_int_t{NGX_HTTP_SERVICE_UNAVAILABLE}, [&]() -> ngx_int_t {
        obtain_state(r).path.ambiguous = true;
        return NGX_DECLINED;
    });
}

ngx_int_t decide_subrequest(ngx_http_request_t* r) noexcept {
    if (r == r->main || server_conf(r)->gated != 1 || is_lookup(r)) {
        return NGX_DECLINED;
    }
    return shielded(r->connection->log, ngx_int_t{NGX_HTTP_SERVICE_UNAVAILABLE}, [&]() -> ngx_int_t {
        const LocationConf& conf = *location_conf(r);
        const bool by_itself = needs_decision(r, conf);
        if (!by_itself && !has_refused_path(r, conf)) {
            return NGX_DECLINED;
        }
        const std::span<const Stage> needed = by_itself ? std::span<const Stage>(stages) : stages_without_gate;
        const ngx_int_t rc = decide(r, needed, conf, obtain_state(r));
        return rc == NGX_OK ? ngx_int_t{NGX_DECLINED} : rc;
    });
}

}  // namespace auth_gate
