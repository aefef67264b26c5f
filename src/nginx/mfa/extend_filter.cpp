#include "nginx/mfa/extend_filter.hpp"

#include "nginx/gate/request_state.hpp"
#include "nginx/mfa/enforce.hpp"
#include "nginx/ngx/buffers.hpp"
#include "nginx/ngx/headers.hpp"

#include "core/http/request_traits.hpp"
#include "core/json/extend.hpp"
#include "core/mfa/settings.hpp"

namespace auth_gate {

namespace {

constexpr std::size_t largest_answer = 1024 * 1024;

ngx_http_output_header_filter_pt next_header_filter;
ngx_http_output_body_filter_pt next_body_filter;

bool is_plain_json(ngx_http_request_t* r) noexcept {
    std::string_view type = view(r->headers_out.content_type);
    type = type.substr(0, type.find(';'));
    type = type.substr(0, type.find_last_not_of(" \t") + 1);
    return r->headers_out.status == NGX_HTTP_OK && equal_ignoring_case(type, "application/json") &&
           r->headers_out.content_encoding == nullptr &&
           r->headers_out.content_length_n <= static_cast<off_t>(largest_answer);
}

void clear_validators(ngx_http_request_t* r) noexcept {
    ngx_http_clear_accept_ranges(r);
    ngx_http_clear_last_modified(r);
    ngx_http_clear_etag(r);
    ngx_http_clear_content_length(r);
}

ngx_int_t header_filter(ngx_http_request_t* r) noexcept {
    RequestState* state = state_here(r);
    if (state == nullptr || state->extension.form == Extension::Form::none || !is_plain_json(r)) {
        return next_header_filter(r);
    }
    if (r->method != NGX_HTTP_HEAD) {
        state->extension.collecting = true;
        return NGX_OK;
    }
    return shielded(r->connection->log, ngx_int_t{NGX_ERROR}, [&]() -> ngx_int_t {
        clear_validators(r);  // of an answer of another length
        forbid_caching(r);
        return next_header_filter(r);
    });
}

ngx_int_t send_extended(ngx_http_request_t* r, Extension& extension) {
    const LocationConf& conf = *location_conf(r);
    auto extended = extension.extended(extension.form != Extension::Form::plain && is_mfa_required(conf));
    if (extended) {
        clear_validators(r);
        forbid_caching(r);
    } else {
        ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                      "auth_gate: extending the application's answer failed: it is not a JSON object");
        extended = std::move(extension.collected);
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
    RequestState* state = state_here(r);
    if (state == nullptr || !state->extension.collecting) {
        return next_body_filter(r, in);
    }
    Extension& extension = state->extension;
    return shielded(r->connection->log, ngx_int_t{NGX_ERROR}, [&]() -> ngx_int_t {
        const bool complete = extension.collect(in);
        if (extension.collected.size() > largest_answer) {
            ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                          "auth_gate: extending the application's answer failed: it is larger than 1m");
            return NGX_ERROR;
        }
        if (!complete) {
            return NGX_OK;
        }
        extension.collecting = false;
        return send_extended(r, extension);
    });
}

}  // namespace

bool Extension::collect(ngx_chain_t* in) {
    bool last = false;
    for (; in != nullptr; in = in->next) {
        take_content(collected, *in->buf);
        last |= in->buf->last_buf == 1;
    }
    return last;
}

std::optional<std::string> Extension::extended(bool require_mfa) const {
    const bool in_force = require_mfa || says_own_policy_is_on(collected);
    const std::string_view word = in_force ? "true" : "false";
    auto answer = form == Form::plain ? std::optional(collected)
                                      : json::extend(collected, "require_mfa",
                                                     form == Form::text ? json::quote(word) : std::string(word));
    for (const JsonMember& member : members) {
        answer = answer ? json::extend(*answer, member.name, member.value) : answer;
    }
    return answer;
}

ngx_int_t extend_answer(ngx_http_request_t* r, RequestState& state, Extension::Form form,
                        std::vector<JsonMember> members) {
    remove_negotiation(r);
    state.extension.form = form;
    state.extension.members = std::move(members);
    return NGX_DECLINED;
}

void install_extend_filters() noexcept {
    next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = header_filter;
    next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = body_filter;
}

}  // namespace auth_gate
