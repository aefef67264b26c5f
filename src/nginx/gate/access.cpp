#include "nginx/gate/access.hpp"

#include "nginx/gate/admit.hpp"
#include "nginx/gate/request_state.hpp"
#include "nginx/mfa/enforce.hpp"
#include "nginx/token/redeem.hpp"

namespace auth_gate {

namespace {

constexpr Stage stages[] = {choose_credentials, redeem, identify, enforce_mfa, admit};

// Goes on at the stage that waited at this location, or from the start.
Outcome run_stages(ngx_http_request_t* r, const LocationConf& conf, RequestState& state) {
    const Progress waited = std::exchange(state.progress, {});
    for (std::size_t i = waited.location == &conf ? waited.stage : 0; i < std::size(stages); ++i) {
        const Outcome outcome = stages[i](r, conf, state);
        if (outcome.waits()) {
            state.progress = {&conf, i};
            return outcome;
        }
        if (!outcome.goes_on()) {
            state.admission = Admission::refused;
            return outcome;
        }
    }
    return Outcome::go_on();
}

ngx_int_t decide(ngx_http_request_t* r, const LocationConf& conf, RequestState& state) {
    state.refusal = Refusal::none;
    // Without a gate, an ambiguous path is all that can be refused.
    const Outcome outcome = conf.gate.on == 1 ? run_stages(r, conf, state) : refuse_ambiguous_path(r, state);
    if (outcome.waits()) {
        return NGX_AGAIN;
    }
    return outcome.goes_on() ? ngx_int_t{NGX_OK} : refuse(r, state, outcome.refusal());
}

}  // namespace

void log_refusal(ngx_http_request_t* r, std::string_view why) noexcept {
    ngx_str_t text = borrowed(why);
    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0, "auth_gate: request refused: %V", &text);
}

ngx_int_t access_handler(ngx_http_request_t* r) noexcept {
    const LocationConf& conf = *location_conf(r);
    if (conf.gate.on != 1) {
        const RequestState* state = server_conf(r)->gated == 1 ? find_state(r) : nullptr;
        if (state == nullptr || !state->ambiguous_path) {
            return NGX_DECLINED;
        }
    }
    return shielded(r->connection->log, ngx_int_t{NGX_HTTP_SERVICE_UNAVAILABLE},
                    [&] { return decide(r, conf, obtain_state(r)); });
}

}  // namespace auth_gate
