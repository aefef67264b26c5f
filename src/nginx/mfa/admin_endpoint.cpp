#include "nginx/mfa/admin_endpoint.hpp"

#include "nginx/gate/refusal_filter.hpp"
#include "nginx/gate/reply.hpp"
#include "nginx/gate/request_state.hpp"
#include "nginx/identity/identity_lookup.hpp"
#include "nginx/ngx/headers.hpp"
#include "nginx/ngx/wake.hpp"

namespace auth_gate {

namespace {

// Who held the body back may be an administrator no more: what was learnt before it is asked again.
void body_read(ngx_http_request_t* r) noexcept {
    r->preserve_body = 1;
    if (RequestState* state = find_state(r); state != nullptr && !state->reads_body) {
        state->lookup.forget();
    }
    wake(r);
}

}  // namespace

bool is_get_or_head(ngx_http_request_t* r) noexcept {
    return (r->method & (NGX_HTTP_GET | NGX_HTTP_HEAD)) != 0;
}

bool has_application(ngx_http_request_t* r) noexcept {
    return r->content_handler != nullptr;
}

ngx_int_t answer_instead(ngx_http_request_t* r, ngx_uint_t status, std::string_view body) {
    if (const ngx_int_t rc = ngx_http_discard_request_body(r); rc != NGX_OK) {
        return rc;
    }
    ngx_http_finalize_request(r, send_json(r, status, body));
    return NGX_DONE;
}

ngx_int_t refuse_method(ngx_http_request_t* r, std::string_view allowed) {
    add_response_header(r, "Allow", allowed);
    return answer_instead(r, NGX_HTTP_NOT_ALLOWED, R"({"error":"Method not allowed"})");
}

ngx_int_t admit_administrator(ngx_http_request_t* r, RequestState& state, const LocationConf& conf) {
    if (!state.has_user()) {
        return refuse(r, state, Refusal::no_credentials);
    }
    const Pending<IdentityAnswer>& answer = obtain_identity(r, conf, state);
    if (!answer.is_ready()) {
        return NGX_AGAIN;
    }
    switch (answer.value().status) {
    case IdentityStatus::known:
        break;
    case IdentityStatus::unauthorized:
        return refuse(r, state, Refusal::bad_credentials);
    case IdentityStatus::unavailable:
        return refuse(r, state, Refusal::unavailable);
    }
    return answer.value().identity.admin ? ngx_int_t{NGX_OK} : refuse(r, state, Refusal::not_admin);
}

ngx_int_t await_body(ngx_http_request_t* r, RequestState& state) {
    if (state.admin.body_requested) {
        return NGX_OK;
    }
    state.admin.body_requested = true;
    state.reads_body = true;
    const ngx_int_t rc = ngx_http_read_client_request_body(r, body_read);
    state.reads_body = false;
    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        return rc;
    }
    ngx_http_finalize_request(r, NGX_DONE);
    return NGX_DONE;
}

ngx_int_t await_saved(ngx_http_request_t* r, RequestState& state, Saving& saving) {
    if (!saving.saved.is_ready()) {
        saving.saved.on_ready(r, wake_request);
        park(r);
        return look_for_end(r) ? ngx_int_t{NGX_AGAIN} : ngx_int_t{NGX_ERROR};
    }
    switch (saving.saved.value()) {
    case SaveStatus::saved:
        return NGX_OK;
    case SaveStatus::changed:
        return refuse_finally(r, state, Refusal::settings_changed);
    case SaveStatus::not_saved:
        return refuse_finally(r, state, Refusal::not_saved);
    case SaveStatus::busy:
        break;
    }
    return refuse_finally(r, state, Refusal::unavailable);
}

}  // namespace auth_gate
