#include "nginx/mfa/settings_endpoints.hpp"

#include "nginx/gate/request_state.hpp"
#include "nginx/mfa/admin_endpoint.hpp"
#include "nginx/mfa/enforce.hpp"
#include "nginx/mfa/settings_write.hpp"
#include "nginx/oidc/settings.hpp"

#include "core/json/extend.hpp"

namespace auth_gate {

namespace {

constexpr std::string_view required_for_all =
    R"({"error":"Two-factor authentication cannot be disabled while it is required for all users."})";

// Whether the page can offer a login at the provider, and by which name.
std::vector<JsonMember> shown_provider(ngx_http_request_t* r, const LocationConf& conf) {
    if (conf.oidc.shown_provider == nullptr) {
        return {};
    }
    const OidcConfig config = config_in_force(*conf.oidc.shown_provider, *main_conf(r)->oidc->zone);
    if (fault_of(config) != ConfigFault::none) {
        return {{"oidc_configured", "false"}};
    }
    const std::string& name = config.values.display_name;
    return {{"oidc_configured", "true"}, {"oidc_display_name", json::quote(name.empty() ? "SSO" : name)}};
}

ngx_int_t app_config(ngx_http_request_t* r, RequestState& state, const LocationConf& conf) {
    if (!is_get_or_head(r)) {
        return has_application(r) ? ngx_int_t{NGX_DECLINED} : refuse_method(r, "GET, HEAD");
    }
    std::vector<JsonMember> members = shown_provider(r, conf);
    if (has_application(r)) {
        return extend_answer(r, state, Extension::Form::boolean, std::move(members));
    }
    std::string answer = is_mfa_required(conf) ? R"({"require_mfa":true})" : R"({"require_mfa":false})";
    for (const JsonMember& member : members) {
        answer = json::extend_valid(answer, member.name, member.value);
    }
    return answer_instead(r, NGX_HTTP_OK, answer);
}

ngx_int_t app_settings(ngx_http_request_t* r, RequestState& state, const LocationConf& conf) {
    if (state.admission == Admission::preflight) {
        return has_application(r) ? ngx_int_t{NGX_DECLINED} : refuse_method(r, "GET, HEAD, PUT");
    }
    if (const ngx_int_t rc = admit_administrator(r, state, conf); rc != NGX_OK) {
        return rc;
    }
    if (is_get_or_head(r)) {
        return has_application(r)
                   ? extend_answer(r, state, Extension::Form::text)
                   : answer_instead(r, NGX_HTTP_OK,
                                    is_mfa_required(conf) ? R"({"require_mfa":"true"})" : R"({"require_mfa":"false"})");
    }
    if (r->method != NGX_HTTP_PUT) {
        return has_application(r) ? ngx_int_t{NGX_DECLINED} : refuse_method(r, "GET, HEAD, PUT");
    }
    if (const ngx_int_t rc = await_body(r, state); rc != NGX_OK) {
        return rc;
    }
    return put_settings(r, state);
}

ngx_int_t mfa_disable(ngx_http_request_t* r, const LocationConf& conf) {
    if (r->method == NGX_HTTP_POST && is_mfa_required(conf)) {
        return answer_instead(r, NGX_HTTP_FORBIDDEN, required_for_all);
    }
    return NGX_DECLINED;
}

}  // namespace

ngx_int_t settings_handler(ngx_http_request_t* r) noexcept {
    const LocationConf& conf = *location_conf(r);
    if ((conf.mfa.app_config != 1 && conf.mfa.app_settings != 1 && conf.mfa.disable != 1) || r != r->main) {
        return NGX_DECLINED;
    }
    return shielded(r->connection->log, ngx_int_t{NGX_HTTP_SERVICE_UNAVAILABLE}, [&]() -> ngx_int_t {
        RequestState& state = obtain_state(r);
        if (conf.mfa.app_settings == 1) {
            return app_settings(r, state, conf);
        }
        return conf.mfa.app_config == 1 ? app_config(r, state, conf) : mfa_disable(r, conf);
    });
}

}  // namespace auth_gate
