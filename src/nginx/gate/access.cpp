#include "nginx/gate/access.hpp"

#include "nginx/gate/admit.hpp"
#include "nginx/gate/canonical_path.hpp"
#include "nginx/gate/request_state.hpp"
#include "nginx/mfa/enforce.hpp"
#include "nginx/token/redeem.hpp"

namespace auth_gate {

namespace {

constexpr Stage all_stages[] = {choose_credentials, redeem, identify, enforce_mfa, check_path, admit};

// Without a gate, an ambiguous path is all that can be refused.
constexpr Stage stages_without_gate[] = {check_path};

// Goes on at the stage that waited at this location, or from the start.
Outcome run_stages(ngx_http_request_t* r, std::span<const Stage> stages, const LocationConf& conf,
                   RequestState& state) {
    const Progress waited = std::exchange(state.progress, {});
    for (std::size_t i = waited.location == &conf ? waited.stage : 0; i < stages.size(); ++i) {
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

}  // namespace

ngx_int_t decide(ngx_http_request_t* r, std::span<const Stage> stages, const LocationConf& conf, RequestState& state) {
    state.refusal = Refusal::none;
    const Outcome outcome = run_stages(r, stages, conf, state);
    if (outcome.waits()) {
        return NGX_AGAIN;
    }
    state.decided = true;
    return outcome.goes_on() ? ngx_int_t{NGX_OK} : refuse(r, state, outcome.refusal());
}

void log_refusal(ngx_http_request_t* r, std::string_view why) noexcept {
    ngx_str_t text = borrowed(why);
    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0, "auth_gate: request refused: %V", &text);
}

ngx_int_t access_handler(ngx_http_request_t* r) noexcept {
    const LocationConf& conf = *location_conf(r);
    std::span<const Stage> stages = all_stages;
    if (conf.gate.on != 1) {
        const RequestState* state = server_conf(r)->gated == 1 ? find_state(r) : nullptr;
        if (state == nullptr || !refuses_path(conf, *state)) {
            return NGX_DECLINED;
        }
        stages = stages_without_gate;
    }
    return shielded(r->connection->log, ngx_int_t{NGX_HTTP_SERVICE_UNAVAILABLE},
                    [&] { return decide(r, stages, conf, obtain_state(r)); });
}

}  // namespace auth_gate
