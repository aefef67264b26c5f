#include "nginx/oidc/settings_endpoint.hpp"

#include "nginx/gate/refusal_filter.hpp"
#include "nginx/gate/reply.hpp"
#include "nginx/gate/request_state.hpp"
#include "nginx/mfa/admin_change.hpp"
#include "nginx/ngx/pool_object.hpp"
#include "nginx/ngx/request_body.hpp"
#include "nginx/oidc/settings.hpp"
#include "nginx/oidc/zone.hpp"

#include "core/base/crypto.hpp"

namespace auth_gate {

namespace {

constexpr std::size_t largest_body = 16 * 1024;
constexpr std::string_view allowed = "GET, HEAD, PUT";

ngx_int_t refuse_change(ngx_http_request_t* r, const ProviderSettingsChange& change) {
    switch (change.status) {
    case ProviderSettingsChange::Status::ok:
    case ProviderSettingsChange::Status::invalid_json:
        break;
    case ProviderSettingsChange::Status::unknown_member:
        return answer_instead(r, NGX_HTTP_BAD_REQUEST, R"({"error":"Unknown setting"})");
    case ProviderSettingsChange::Status::invalid_value:
        return answer_instead(r, NGX_HTTP_BAD_REQUEST,
                              "{\"error\":\"Invalid value for " + std::string(change.member) + "\"}");
    }
    return answer_instead(r, NGX_HTTP_BAD_REQUEST, R"({"error":"Invalid JSON"})");
}

std::string_view success(ngx_http_request_t* r, const OidcProvider& provider) {
    const std::string names = names_in(provider.environment);
    return names.empty() ? R"({"success":true})"
                         : view(join(r->pool, {R"({"success":true,"environment":)", names, "}"}));
}

// NGX_OK when the change is on its way. Otherwise what the handler is to return.
ngx_int_t begin(ngx_http_request_t* r, RequestState& state, const OidcProvider& provider, const OidcZone& zone) {
    auto body = whole_body(r, largest_body);
    if (!body) {
        return answer_instead(r, NGX_HTTP_REQUEST_ENTITY_TOO_LARGE, R"({"error":"Request body too large"})");
    }
    SettingsOfProviders all = all_settings(zone);
    const ProviderSettingsChange change = change_settings(all, provider, *body);
    const bool has_others = change.status == ProviderSettingsChange::Status::unknown_member;
    const std::string others = has_others ? other_members(*body) : std::string();
    auto edit = std::make_unique<OidcSettingsEdit>(provider.name, *body);
    wipe(*body);
    if (!is_made(change) || (has_others && !has_application(r))) {
        return refuse_change(r, change);
    }
    if (has_others && !change.has_own) {
        replace_body(r, others);
        return NGX_DECLINED;
    }
    all[provider.name] = change.settings;
    if (!fit(all)) {
        return refuse_finally(r, state, Refusal::not_saved);
    }
    auto* begun = make<AdminChange>(r->pool, main_conf(r)->state_path, std::move(edit));
    state.admin.change = begun;
    if (has_others) {
        begun->begin_with_application(r, others, false);
    } else {
        begun->begin(success(r, provider));
    }
    return NGX_OK;
}

ngx_int_t put(ngx_http_request_t* r, RequestState& state, const OidcProvider& provider, const OidcZone& zone) {
    if (state.admin.change == nullptr) {
        if (const ngx_int_t rc = begin(r, state, provider, zone); rc != NGX_OK) {
            return rc;
        }
    }
    return state.admin.change->go_on(r, state);
}

// What the application says of its own settings, with the provider's.
ngx_int_t extend_with(ngx_http_request_t* r, RequestState& state, const std::string& answer) {
    std::vector<JsonMember> members;
    const json::Value object = json::parse_object(answer);
    const char* name;
    json_t* value;
    json_object_foreach(object.get(), name, value) {
        members.push_back({name, json::to_json(value)});
    }
    return extend_answer(r, state, Extension::Form::plain, std::move(members));
}

ngx_int_t refuse_or_pass(ngx_http_request_t* r) {
    return has_application(r) ? ngx_int_t{NGX_DECLINED} : refuse_method(r, allowed);
}

ngx_int_t handle(ngx_http_request_t* r, const LocationConf& conf) {
    RequestState& state = obtain_state(r);
    if (state.admission == Admission::preflight) {
        return refuse_or_pass(r);
    }
    if (const ngx_int_t rc = admit_administrator(r, state, conf); rc != NGX_OK) {
        return rc;
    }
    const OidcProvider& provider = *conf.oidc.settings_provider;
    OidcZone& zone = *main_conf(r)->oidc->zone;
    if (is_get_or_head(r)) {
        const std::string answer = to_answer(config_in_force(provider, zone).values, provider.environment);
        return has_application(r) ? extend_with(r, state, answer) : answer_instead(r, NGX_HTTP_OK, answer);
    }
    if (r->method != NGX_HTTP_PUT) {
        return refuse_or_pass(r);
    }
    if (const ngx_int_t rc = await_body(r, state); rc != NGX_OK) {
        return rc;
    }
    return put(r, state, provider, zone);
}

}  // namespace

ngx_int_t oidc_settings_handler(ngx_http_request_t* r) noexcept {
    const LocationConf& conf = *location_conf(r);
    if (conf.oidc.settings_provider == nullptr || r != r->main) {
        return NGX_DECLINED;
    }
    return shielded(r->connection->log, ngx_int_t{NGX_HTTP_SERVICE_UNAVAILABLE}, [&] { return handle(r, conf); });
}

}  // namespace auth_gate
