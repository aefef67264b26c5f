#include "nginx/gate/cors.hpp"

#include "nginx/gate/reply.hpp"
#include "nginx/gate/request_facts.hpp"
#include "nginx/gate/request_state.hpp"
#include "nginx/mfa/admin_endpoint.hpp"
#include "nginx/ngx/headers.hpp"

#include "core/base/ascii.hpp"
#include "core/http/origin.hpp"
#include "core/http/request_traits.hpp"

#include <algorithm>
#include <string>

namespace auth_gate {

namespace {

constexpr std::string_view allow_origin = "Access-Control-Allow-Origin";

ngx_http_output_header_filter_pt next_header_filter;

bool is_configured(const LocationConf& conf) noexcept {
    return conf.gate.cors != nullptr && conf.gate.cors->lists_some();
}

// Calls f(value) for each response header of this name that is sent, until it returns true.
template <typename F>
bool any_header(ngx_http_request_t* r, std::string_view name, F&& f) {
    for (const ngx_list_part_t* part = &r->headers_out.headers.part; part != nullptr; part = part->next) {
        const auto* header = static_cast<const ngx_table_elt_t*>(part->elts);
        for (ngx_uint_t i = 0; i < part->nelts; ++i) {
            if (header[i].hash != 0 && equal_ignoring_case(view(header[i].key), name) && f(view(header[i].value))) {
                return true;
            }
        }
    }
    return false;
}

void add_where_absent(ngx_http_request_t* r, std::string_view name, std::string_view value) {
    if (!any_header(r, name, [](std::string_view) { return true; })) {
        add_response_header(r, name, value);
    }
}

void vary_by_origin(ngx_http_request_t* r) {
    const bool varies =
        any_header(r, "Vary", [](std::string_view list) { return list_has(list, "Origin") || list_has(list, "*"); });
    if (!varies) {
        add_response_header(r, "Vary", "Origin");
    }
}

// A page sends what its own code adds to every request, too: whoever may use the session may name any header.
std::string allowed_headers(ngx_http_request_t* r, const LocationConf& conf) {
    std::string list = "Authorization, Content-Type";
    for (const std::string& name : conf.jwt.places->headers) {
        list.append(", ").append(name);
    }
    const std::string own = list;  // a name that is asked for twice may stand there twice
    std::string_view asked = find_header(r, "access-control-request-headers");
    while (!asked.empty()) {
        const std::size_t end = std::min(asked.find(','), asked.size());
        const std::string_view name = trimmed(asked.substr(0, end));
        asked.remove_prefix(std::min(end + 1, asked.size()));
        const bool is_name = !name.empty() && name != "*" && std::all_of(name.begin(), name.end(), is_token_char);
        if (is_name && !list_has(own, name)) {
            list.append(", ").append(name);
        }
    }
    return list;
}

std::string_view allowed_methods(const LocationConf& conf) noexcept {
    if (conf.token.issue_purposes != nullptr || conf.mfa.disable == 1) {
        return "POST";
    }
    if (conf.mfa.app_settings == 1 || conf.oidc.settings_provider != nullptr) {
        return "GET, HEAD, PUT";
    }
    return conf.oidc.provider != nullptr ? "GET, HEAD, POST" : "GET, HEAD";
}

bool is_answered_here(ngx_http_request_t* r, const LocationConf& conf) noexcept {
    return conf.content_handler != nullptr || (is_own_endpoint(conf) && !has_application(r));
}

bool is_own_answer(ngx_http_request_t* r, const LocationConf& conf) noexcept {
    const RequestState* state = own_state(r);
    return conf.content_handler != nullptr || (state != nullptr && (state->rendering.active || state->answers_itself));
}

bool is_for_scripts(ngx_http_request_t* r) noexcept {
    const ngx_uint_t status = r->headers_out.status;
    return status != NGX_HTTP_SWITCHING_PROTOCOLS && (status < NGX_HTTP_SPECIAL_RESPONSE || status >= 400);
}

// What the application or the site says of other origins counts alone.
void add_headers(ngx_http_request_t* r, const LocationConf& conf) {
    if (any_header(r, allow_origin, [](std::string_view) { return true; })) {
        return;
    }
    vary_by_origin(r);
    if (!is_cors_origin(r, conf)) {
        return;
    }
    add_response_header(r, allow_origin, find_header(r, "origin"));
    add_where_absent(r, "Access-Control-Allow-Credentials", "true");
    if (!is_preflight(r)) {
        add_where_absent(r, "Access-Control-Expose-Headers", "Auth-Gate, Retry-After, WWW-Authenticate");
        return;
    }
    if (is_answered_here(r, conf)) {
        add_where_absent(r, "Access-Control-Allow-Methods", allowed_methods(conf));
        add_where_absent(r, "Access-Control-Allow-Headers", allowed_headers(r, conf));
        add_where_absent(r, "Access-Control-Max-Age", "600");
    }
}

ngx_int_t header_filter(ngx_http_request_t* r) noexcept {
    const LocationConf& conf = *location_conf(r);
    if (r != r->main || !is_configured(conf) || !is_own_answer(r, conf) || !is_for_scripts(r)) {
        return next_header_filter(r);
    }
    return shielded(r->connection->log, ngx_int_t{NGX_ERROR}, [&] {
        add_headers(r, conf);
        return next_header_filter(r);
    });
}

ngx_int_t install_filter(ngx_conf_t*) noexcept {
    next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = header_filter;
    return NGX_OK;
}

ngx_http_module_t context = {nullptr, install_filter, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr};

}  // namespace

bool is_cors_origin(ngx_http_request_t* r, const LocationConf& conf) {
    return conf.gate.cors != nullptr && count_headers(r, "origin") == 1 &&
           conf.gate.cors->lists(find_header(r, "origin"));
}

ngx_int_t answer_preflight(ngx_http_request_t* r) noexcept {
    const LocationConf& conf = *location_conf(r);
    if (r != r->main || !is_configured(conf) || !is_preflight(r) || !is_answered_here(r, conf)) {
        return NGX_DECLINED;
    }
    return shielded(r->connection->log, ngx_int_t{NGX_HTTP_SERVICE_UNAVAILABLE}, [&]() -> ngx_int_t {
        return is_cors_origin(r, conf) ? answer_instead(r, NGX_HTTP_NO_CONTENT, "") : ngx_int_t{NGX_DECLINED};
    });
}

}  // namespace auth_gate

ngx_module_t ngx_http_auth_gate_cors_module = {
    NGX_MODULE_V1, &auth_gate::context,
    nullptr,       NGX_HTTP_MODULE,
    nullptr,       nullptr,
    nullptr,       nullptr,
    nullptr,       nullptr,
    nullptr,       NGX_MODULE_V1_PADDING,
};
