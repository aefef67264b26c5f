#include "nginx/gate/access.hpp"

#include "nginx/gate/admit.hpp"
#include "nginx/gate/request_state.hpp"
#include "nginx/mfa/enforce.hpp"
#include "nginx/token/redeem.hpp"

namespace auth_gate {

namespace {

constexpr Stage stages[] = {choose_credentials, redeem, identify, enforce_mfa, admit};

// Goes on at the stage that waited at this location, or from the start.
Outcome run_stages(ngx_http_request_t* r, const LocationConf& conf, Context& context) {
    const Progress waited = std::exchange(context.progress, {});
    for (std::size_t i = waited.location == &conf ? waited.stage : 0; i < std::size(stages); ++i) {
        const Outcome outcome = stages[i](r, conf, context);
        if (outcome.waits()) {
            context.progress = {&conf, i};
            return outcome;
        }
        if (!outcome.goes_on()) {
            context.admission = Admission::refused;
            return outcome;
        }
    }
    return Outcome::go_on();
}

ngx_int_t decide(ngx_http_request_t* r, const LocationConf& conf, Context& context) {
    context.refusal = Refusal::none;
    // Without a gate, an ambiguous path is all that can be refused.
    const Outcome outcome = conf.gate.on == 1 ? run_stages(r, conf, context) : refuse_ambiguous_path(r, context);
    if (outcome.waits()) {
        return NGX_AGAIN;
    }
    return outcome.goes_on() ? ngx_int_t{NGX_OK} : refuse(r, context, outcome.refusal());
}

}  // namespace

void log_refusal(ngx_http_request_t* r, std::string_view why) noexcept {
    ngx_str_t text = borrowed(why);
    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0, "auth_gate: request refused: %V", &text);
}

ngx_int_t access_handler(ngx_http_request_t* r) noexcept {
    const LocationConf& conf = *location_conf(r);
    if (conf.gate.on != 1) {
        const Context* context = server_conf(r)->gated == 1 ? find_context(r) : nullptr;
        if (context == nullptr || !context->ambiguous_path) {
            return NGX_DECLINED;
        }
    }
    return shielded(r->connection->log, ngx_int_t{NGX_HTTP_SERVICE_UNAVAILABLE},
                    [&] { return decide(r, conf, obtain_context(r)); });
}

}  // namespace auth_gate
