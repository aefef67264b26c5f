#include "nginx/state/status.hpp"

#include "nginx/conf/conf.hpp"
#include "nginx/gate/reply.hpp"
#include "nginx/ngx/headers.hpp"
#include "nginx/state/zone.hpp"

#include "version.hpp"

#include <string>

namespace auth_gate {

namespace {

std::string as_json(Zone& zone) {
    std::string out = "{\"tokens_live\":" + std::to_string(zone.tokens().live()) +
                      ",\"require_mfa\":" + (zone.settings().require_mfa ? "true" : "false");
    for (const CounterDescription& counter : counter_descriptions) {
        out += std::string(",\"") + counter.name + "\":" + std::to_string(zone.counted(counter.counter));
    }
    return out.append(",\"version\":\"").append(version).append("\"}");
}

void add_metric(std::string& out, const std::string& name, const char* help, const char* type, std::uint64_t value) {
    const std::string full = "auth_gate_" + name;
    out += "# HELP " + full + " " + help + "\n# TYPE " + full + " " + type + "\n";
    out += full + " " + std::to_string(value) + "\n";
}

std::string as_prometheus(Zone& zone) {
    std::string out;
    add_metric(out, "tokens_live", "Tokens that wait to be redeemed.", "gauge", zone.tokens().live());
    add_metric(out, "require_mfa", "Whether MFA is required.", "gauge", zone.settings().require_mfa);
    for (const CounterDescription& counter : counter_descriptions) {
        add_metric(out, std::string(counter.name) + "_total", counter.help, "counter", zone.counted(counter.counter));
    }
    out += "# HELP auth_gate_build_info The module's version.\n# TYPE auth_gate_build_info gauge\n";
    return out.append("auth_gate_build_info{version=\"").append(version).append("\"} 1\n");
}

ngx_int_t handle(ngx_http_request_t* r, std::string (*format)(Zone&), std::string_view type) noexcept {
    return shielded(r->connection->log, ngx_int_t{NGX_HTTP_INTERNAL_SERVER_ERROR}, [&]() -> ngx_int_t {
        if ((r->method & (NGX_HTTP_GET | NGX_HTTP_HEAD)) == 0) {
            return NGX_HTTP_NOT_ALLOWED;
        }
        if (const ngx_int_t rc = ngx_http_discard_request_body(r); rc != NGX_OK) {
            return rc;
        }
        return send_text(r, NGX_HTTP_OK, type, format(*main_conf(r)->zone));
    });
}

}  // namespace

ngx_int_t status_json_handler(ngx_http_request_t* r) noexcept {
    return handle(r, as_json, "application/json");
}

ngx_int_t status_prometheus_handler(ngx_http_request_t* r) noexcept {
    return handle(r, as_prometheus, "text/plain; version=0.0.4");
}

}  // namespace auth_gate
