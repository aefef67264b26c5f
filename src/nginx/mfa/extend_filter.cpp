#include "nginx/mfa/extend_filter.hpp"

#include "nginx/gate/request_state.hpp"
#include "nginx/mfa/enforce.hpp"
#include "nginx/mfa/settings_file.hpp"
#include "nginx/ngx/buffers.hpp"
#include "nginx/ngx/headers.hpp"
#include "nginx/state/zone.hpp"

#include "core/http/refusal.hpp"
#include "core/http/request_traits.hpp"
#include "core/json/extend.hpp"

#include <algorithm>
#include <string>

namespace auth_gate {

namespace {

constexpr std::size_t largest_answer = 1024 * 1024;

ngx_http_output_header_filter_pt next_header_filter;
ngx_http_output_body_filter_pt next_body_filter;

bool is_success(ngx_http_request_t* r) noexcept {
    return r->headers_out.status >= 200 && r->headers_out.status < 300;
}

bool is_plain_json(ngx_http_request_t* r) noexcept {
    std::string_view type = view(r->headers_out.content_type);
    type = type.substr(0, type.find(';'));
    type = type.substr(0, type.find_last_not_of(" \t") + 1);
    return r->headers_out.status == NGX_HTTP_OK && equal_ignoring_case(type, "application/json") &&
           r->headers_out.content_encoding == nullptr &&
           r->headers_out.content_length_n <= static_cast<off_t>(largest_answer);
}

void act_on_success(ngx_http_request_t* r, Context& context) {
    if (context.drop_on_success != 0 && is_success(r)) {
        context.subject.conf->zone->drop(std::exchange(context.drop_on_success, 0));
    }
    if (context.save_on_success != nullptr) {
        SettingsWriter* writer = std::exchange(context.save_on_success, nullptr);
        if (is_success(r) && !writer->commit(r->connection->log, *context.subject.conf->zone)) {
            r->headers_out.status = answer_to(Refusal::not_saved).status;
            r->headers_out.status_line.len = 0;
            context.refusal = Refusal::not_saved;
            ngx_http_set_ctx(r, &context, ngx_http_auth_gate_module);
        }
    }
}

void clear_validators(ngx_http_request_t* r) noexcept {
    ngx_http_clear_accept_ranges(r);
    ngx_http_clear_last_modified(r);
    ngx_http_clear_etag(r);
    ngx_http_clear_content_length(r);
}

ngx_int_t header_filter(ngx_http_request_t* r) noexcept {
    // Also after an internal redirect: an application may answer by X-Accel-Redirect.
    Context* context = r == r->main ? find_context(r) : nullptr;
    if (context == nullptr) {
        return next_header_filter(r);
    }
    return shielded(r->connection->log, ngx_int_t{NGX_ERROR}, [&]() -> ngx_int_t {
        act_on_success(r, *context);
        if (context_here(r) == context && context->extension != Extension::none && is_plain_json(r)) {
            if (r->method == NGX_HTTP_HEAD) {
                clear_validators(r);  // the length will be another one, too
                forbid_caching(r);
                return next_header_filter(r);
            }
            // The header waits until the length is known.
            context->collecting = true;
            return NGX_OK;
        }
        return next_header_filter(r);
    });
}

// Keeps what came; true at its end.
bool collect(Context& context, ngx_chain_t* in) {
    bool last = false;
    for (; in != nullptr; in = in->next) {
        take_content(context.collected, *in->buf);
        last |= in->buf->last_buf == 1;
    }
    return last;
}

ngx_int_t send_extended(ngx_http_request_t* r, Context& context) {
    const bool on = is_mfa_required(*location_conf(r));
    std::string_view value;
    if (context.extension == Extension::require_mfa_boolean) {
        value = on ? "true" : "false";
    } else {
        value = on ? R"("true")" : R"("false")";
    }
    auto extended = json::extend(context.collected, "require_mfa", value);
    if (extended) {
        clear_validators(r);
        forbid_caching(r);
    } else {
        ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                      "auth_gate: extending the application's answer failed: it is no JSON object");
        extended = std::move(context.collected);
    }
    r->headers_out.content_length_n = static_cast<off_t>(extended->size());

    const ngx_int_t rc = next_header_filter(r);
    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }
    ngx_chain_t out = {last_buffer(r, copy(r->pool, *extended)), nullptr};
    return next_body_filter(r, &out);
}

ngx_int_t body_filter(ngx_http_request_t* r, ngx_chain_t* in) noexcept {
    Context* context = context_here(r);
    if (context == nullptr || !context->collecting) {
        return next_body_filter(r, in);
    }
    return shielded(r->connection->log, ngx_int_t{NGX_ERROR}, [&]() -> ngx_int_t {
        const bool last = collect(*context, in);
        if (context->collected.size() > largest_answer) {
            ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                          "auth_gate: extending the application's answer failed: it is larger than 1m");
            return NGX_ERROR;
        }
        if (!last) {
            return NGX_OK;
        }
        context->collecting = false;
        return send_extended(r, *context);
    });
}

}  // namespace

void install_extend_filters() noexcept {
    next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = header_filter;
    next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = body_filter;
}

}  // namespace auth_gate
