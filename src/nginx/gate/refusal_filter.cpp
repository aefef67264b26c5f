#include "nginx/gate/refusal_filter.hpp"

#include "nginx/gate/reply.hpp"
#include "nginx/gate/request_facts.hpp"
#include "nginx/gate/request_state.hpp"
#include "nginx/gate/upgrade.hpp"
#include "nginx/mfa/after_success.hpp"
#include "nginx/ngx/buffers.hpp"
#include "nginx/ngx/headers.hpp"
#include "nginx/state/zone.hpp"

#include "core/http/path.hpp"

#include <string>

namespace auth_gate {

namespace {

constexpr std::string_view default_mfa_url = "/settings?mfa=required";

ngx_http_output_header_filter_pt next_header_filter;
ngx_http_output_body_filter_pt next_body_filter;

void remove_www_authenticate(ngx_http_request_t* r) noexcept {
    if (r->headers_out.www_authenticate != nullptr) {
        r->headers_out.www_authenticate->hash = 0;
        r->headers_out.www_authenticate = nullptr;
    }
}

void render_json(ngx_http_request_t* r, RequestState& state, const RefusalAnswer& answer) {
    set_content(r, "application/json", static_cast<off_t>(answer.body.size()));
    add_response_header(r, "Cache-Control", "no-store");
    const IdentitySource* identity = location_conf(r)->identity.source;
    if (state.refusal == Refusal::mfa_required && identity != nullptr && identity->from_claims) {
        tell_to_refresh(r);
    }
    if (state.refusal == Refusal::websocket_version) {
        add_response_header(r, "Sec-WebSocket-Version", "13");
        add_response_header(r, "Upgrade", "websocket");
    }
    state.rendering.body = borrowed(answer.body);
}

// Empty where none is configured.
ngx_str_t remedy_url(ngx_http_request_t* r, Remedy remedy) {
    const LocationConf& conf = *location_conf(r);
    ngx_http_complex_value_t* configured = remedy == Remedy::login ? conf.gate.login_url : conf.mfa.url;
    if (configured == nullptr) {
        return remedy == Remedy::mfa_setup ? borrowed(default_mfa_url) : ngx_str_t(ngx_null_string);
    }
    ngx_str_t url;
    if (ngx_http_complex_value(r, configured, &url) != NGX_OK) {
        throw std::bad_alloc();
    }
    return url;
}

// Relative, as the contract has it: an absolute URL would have to trust the Host header.
bool render_redirect(ngx_http_request_t* r, RequestState& state, const RefusalAnswer& answer) {
    // A configured URL may have the path in it: nothing is made of one that servers read differently. Only without a
    // session a form leads to a page: what it says is lost there anyway.
    const bool is_form = changes_something(r);
    if (answer.remedy == Remedy::none || (is_form && answer.remedy != Remedy::login) ||
        refuses_path(*location_conf(r), state) || !is_page_navigation(r)) {
        return false;
    }
    ngx_str_t url = remedy_url(r, answer.remedy);
    // Never to where the request came from (by its line, or as a rewrite made it): that would be a loop.
    const std::string target = path::of_url(view(url));
    if (url.len == 0 || path::same(target, view(r->uri)) || path::same(target, path::of_url(view(r->unparsed_uri)))) {
        return false;
    }
    // A form is not sent on to the page: that is fetched with GET.
    const ngx_uint_t status = is_form ? NGX_HTTP_SEE_OTHER : NGX_HTTP_MOVED_TEMPORARILY;
    r->err_status = status;
    r->headers_out.status = status;
    remove_www_authenticate(r);
    set_content(r, "", 0);
    add_response_header(r, "Location", view(url));
    add_response_header(r, "Cache-Control", "no-store");
    state.rendering.body = ngx_null_string;
    return true;
}

// The handshake is completed and closed at once, with a code that the page can read.
bool render_close(ngx_http_request_t* r, RequestState& state, const RefusalAnswer& answer) {
    if (answer.websocket_code == 0 || location_conf(r)->gate.websocket_close != 1 ||
        websocket_handshake(r) != websocket::Handshake::valid) {
        return false;
    }
    r->err_status = NGX_HTTP_SWITCHING_PROTOCOLS;
    r->headers_out.status = NGX_HTTP_SWITCHING_PROTOCOLS;
    ngx_str_set(&r->headers_out.status_line, "101 Switching Protocols");
    remove_www_authenticate(r);
    set_content(r, "", -1);
    add_response_header(r, "Upgrade", "websocket");
    add_response_header(r, "Sec-WebSocket-Accept", websocket::accept_key(find_header(r, "sec-websocket-key")));
    if (const auto protocol = websocket::first_protocol(find_header(r, "sec-websocket-protocol"))) {
        add_response_header(r, "Sec-WebSocket-Protocol", *protocol);
    }
    state.rendering.body = copy(r->pool, websocket::close_frame(answer.websocket_code, answer.websocket_reason));

    // Read what the client still sends until it closes: a reset would take the frame with it.
    r->keepalive = 0;
    r->lingering_close = 1;
    return true;
}

ngx_int_t header_filter(ngx_http_request_t* r) noexcept {
    RequestState* state = state_here(r);
    if (state == nullptr || state->refusal == Refusal::none || state->rendering.active) {
        return next_header_filter(r);
    }
    const RefusalAnswer& answer = answer_to(state->refusal);
    if (r->headers_out.status != answer.status) {
        return next_header_filter(r);
    }
    return shielded(r->connection->log, ngx_int_t{NGX_ERROR}, [&] {
        state->rendering.active = true;
        if (!render_close(r, *state, answer) && !render_redirect(r, *state, answer)) {
            render_json(r, *state, answer);
        }
        return next_header_filter(r);
    });
}

ngx_int_t body_filter(ngx_http_request_t* r, ngx_chain_t* in) noexcept {
    RequestState* state = state_here(r);
    if (state == nullptr || !state->rendering.active) {
        return next_body_filter(r, in);
    }
    // What our body stands in for counts as sent, or its sender would wait for that.
    for (; in != nullptr; in = in->next) {
        in->buf->pos = in->buf->last;
        in->buf->file_pos = in->buf->file_last;
    }
    if (state->rendering.body_sent) {
        return next_body_filter(r, nullptr);
    }
    state->rendering.body_sent = true;

    return shielded(r->connection->log, ngx_int_t{NGX_ERROR}, [&] {
        ngx_chain_t out = {last_buffer(r, state->rendering.body), nullptr};
        return next_body_filter(r, &out);
    });
}

}  // namespace

ngx_int_t refuse(ngx_http_request_t* r, RequestState& state, Refusal refusal) {
    const RefusalAnswer& answer = answer_to(refusal);
    state.refusal = refusal;
    if (Zone* zone = main_conf(r)->zone) {
        zone->count(Counter::requests_refused);
    }
    if (!answer.www_authenticate.empty() && r->headers_out.www_authenticate == nullptr) {
        r->headers_out.www_authenticate = add_response_header(r, "WWW-Authenticate", answer.www_authenticate);
    }
    return answer.status;
}

ngx_int_t refuse_finally(ngx_http_request_t* r, RequestState& state, Refusal refusal) {
    if (const ngx_int_t rc = ngx_http_discard_request_body(r); rc != NGX_OK) {
        return rc;
    }
    state.rendering = {};
    r->headers_out.status = static_cast<ngx_uint_t>(refuse(r, state, refusal));
    r->headers_out.status_line.len = 0;
    ngx_int_t rc = ngx_http_send_header(r);
    if (rc == NGX_OK && !r->header_only) {
        rc = ngx_http_send_special(r, NGX_HTTP_LAST);
    }
    ngx_http_finalize_request(r, rc);
    return NGX_DONE;
}

void install_refusal_filters() noexcept {
    next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = header_filter;
    next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = body_filter;
}

}  // namespace auth_gate
