#include "nginx/mfa/settings_endpoints.hpp"

#include "nginx/gate/reply.hpp"
#include "nginx/gate/request_state.hpp"
#include "nginx/mfa/admin_endpoint.hpp"
#include "nginx/mfa/enforce.hpp"
#include "nginx/mfa/settings_file.hpp"
#include "nginx/ngx/headers.hpp"
#include "nginx/ngx/pool_object.hpp"
#include "nginx/ngx/request_body.hpp"

#include <string>

namespace auth_gate {

namespace {

constexpr std::size_t largest_body = 64 * 1024;

constexpr std::string_view success = R"({"success":true})";
constexpr std::string_view needs_own_mfa =
    R"({"error":"Enable two-factor authentication on your own account before requiring it for all users."})";
constexpr std::string_view required_for_all =
    R"({"error":"Two-factor authentication cannot be disabled while it is required for all users."})";

bool has_upstream(ngx_http_request_t* r) noexcept {
    return r->content_handler != nullptr;
}

// The application is asked for an answer that can be extended: whole, plain, and its own.
ngx_int_t extend(ngx_http_request_t* r, Context& context, Extension extension) {
    remove_negotiation(r);
    context.extension = extension;
    return NGX_DECLINED;
}

ngx_int_t app_config(ngx_http_request_t* r, Context& context, const LocationConf& conf) {
    if (!is_get_or_head(r)) {
        return has_upstream(r) ? ngx_int_t{NGX_DECLINED} : refuse_method(r, "GET, HEAD");
    }
    if (has_upstream(r)) {
        return extend(r, context, Extension::require_mfa_boolean);
    }
    return answer_instead(r, NGX_HTTP_OK,
                          is_mfa_required(conf) ? R"({"require_mfa":true})" : R"({"require_mfa":false})");
}

// What is not ours is for the application, which has not to know of the rest.
void pass_on(ngx_http_request_t* r, std::string_view others) {
    const ngx_str_t body = copy(r->pool, others);
    auto* buffer = static_cast<ngx_buf_t*>(ngx_calloc_buf(r->pool));
    auto* link = ngx_alloc_chain_link(r->pool);
    if (buffer == nullptr || link == nullptr) {
        throw std::bad_alloc();
    }
    buffer->pos = buffer->start = body.data;
    buffer->last = buffer->end = body.data + body.len;
    buffer->memory = 1;
    buffer->last_buf = 1;
    *link = {buffer, nullptr};
    r->request_body->bufs = link;
    r->request_body->buf = buffer;
    r->request_body->temp_file = nullptr;
    r->headers_in.content_length_n = static_cast<off_t>(body.len);
    if (r->headers_in.content_length != nullptr) {
        r->headers_in.content_length->value = copy(r->pool, std::to_string(body.len));
    }
}

ngx_int_t put_settings(ngx_http_request_t* r, Context& context, const LocationConf& conf) {
    const auto body = whole_body(r, largest_body);
    if (!body) {
        return answer_instead(r, NGX_HTTP_REQUEST_ENTITY_TOO_LARGE, R"({"error":"Request body too large"})");
    }
    const SettingsChange change = parse_change(*body);
    switch (change.status) {
    case SettingsChange::Status::ok:
        break;
    case SettingsChange::Status::invalid_json:
        return answer_instead(r, NGX_HTTP_BAD_REQUEST, R"({"error":"Invalid JSON"})");
    case SettingsChange::Status::invalid_value:
        return answer_instead(r, NGX_HTTP_BAD_REQUEST, R"({"error":"Invalid value for require_mfa"})");
    }
    if (change.require_mfa == true && !context.identity->mfa) {
        return answer_instead(r, NGX_HTTP_BAD_REQUEST, needs_own_mfa);
    }
    if (change.has_others && !has_upstream(r)) {
        return answer_instead(r, NGX_HTTP_BAD_REQUEST, R"({"error":"Unknown setting"})");
    }
    if (!change.require_mfa) {
        return has_upstream(r) ? ngx_int_t{NGX_DECLINED} : answer_instead(r, NGX_HTTP_OK, success);
    }

    auto* writer = make<SettingsWriter>(r->pool);
    if (!writer->prepare(r->connection->log, main_conf(r)->state_path, {.require_mfa = *change.require_mfa})) {
        return refuse(r, context, Refusal::not_saved);
    }
    if (change.has_others) {
        pass_on(r, change.others);
        context.save_on_success = writer;
        return NGX_DECLINED;
    }
    if (!writer->commit(r->connection->log, *conf.zone)) {
        return refuse(r, context, Refusal::not_saved);
    }
    return answer_instead(r, NGX_HTTP_OK, success);
}

ngx_int_t app_settings(ngx_http_request_t* r, Context& context, const LocationConf& conf) {
    if (context.admission == Admission::preflight) {
        return has_upstream(r) ? ngx_int_t{NGX_DECLINED} : refuse_method(r, "GET, HEAD, PUT");
    }
    if (const ngx_int_t rc = admit_administrator(r, context, conf); rc != NGX_OK) {
        return rc;
    }
    if (is_get_or_head(r)) {
        return has_upstream(r)
                   ? extend(r, context, Extension::require_mfa_text)
                   : answer_instead(r, NGX_HTTP_OK,
                                    is_mfa_required(conf) ? R"({"require_mfa":"true"})" : R"({"require_mfa":"false"})");
    }
    if (r->method != NGX_HTTP_PUT) {
        return has_upstream(r) ? ngx_int_t{NGX_DECLINED} : refuse_method(r, "GET, HEAD, PUT");
    }
    if (const ngx_int_t rc = await_body(r, context); rc != NGX_OK) {
        return rc;
    }
    return put_settings(r, context, conf);
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
        Context& context = obtain_context(r);
        if (conf.mfa.app_settings == 1) {
            return app_settings(r, context, conf);
        }
        return conf.mfa.app_config == 1 ? app_config(r, context, conf) : mfa_disable(r, conf);
    });
}

}  // namespace auth_gate
