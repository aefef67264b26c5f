#include "nginx/gate/prepare.hpp"

#include "nginx/gate/canonical_path.hpp"
#include "nginx/gate/redaction.hpp"
#include "nginx/gate/request_state.hpp"
#include "nginx/gate/upgrade.hpp"
#include "nginx/oidc/query.hpp"

namespace auth_gate {

namespace {

enum class Uri : bool { of_client, of_error_page };

// nginx leaves the list of headers uninitialised where it has read none, and a location may add to it.
void start_headers(ngx_http_request_t* r) {
    ngx_list_t& headers = r->headers_in.headers;
    if (headers.part.elts == nullptr && ngx_list_init(&headers, r->pool, 4, sizeof(ngx_table_elt_t)) != NGX_OK) {
        throw std::bad_alloc();
    }
}

bool is_refused_http09(ngx_http_request_t* r) noexcept {
    const bool refused = r->http_version < NGX_HTTP_VERSION_10 && !r->internal;  // else it gets the page of its error
    if (refused) {
        ngx_log_error(NGX_LOG_INFO, r->connection->log, 0, "auth_gate: request refused: HTTP/0.9");
    }
    return refused;
}

ngx_int_t prepare(ngx_http_request_t* r, Uri uri) {
    start_headers(r);
    mask_oidc_query(r);
    if (server_conf(r)->gated != 1) {
        return NGX_DECLINED;
    }
    redact_request(r);
    keep_only_websocket(r);
    if (is_refused_http09(r)) {
        return NGX_HTTP_BAD_REQUEST;
    }
    if (uri == Uri::of_client) {
        canonicalise_path(r);
    }
    return NGX_DECLINED;
}

bool is_prepared(ngx_http_request_t* r) noexcept {
    const RequestState* state = r->internal ? own_state(r) : nullptr;  // else it has only begun
    return state != nullptr && state->prepared;
}

ngx_int_t prepare_once(ngx_http_request_t* r, Uri uri) noexcept {
    if (r != r->main || !server_conf(r)->sees_users() || is_prepared(r)) {
        return NGX_DECLINED;
    }
    return shielded(r->connection->log, ngx_int_t{NGX_HTTP_SERVICE_UNAVAILABLE}, [&] {
        obtain_state(r).prepared = true;
        return prepare(r, uri);
    });
}

}  // namespace

ngx_int_t prepare_request(ngx_http_request_t* r) noexcept {
    return prepare_once(r, r->internal ? Uri::of_error_page : Uri::of_client);
}

ngx_int_t prepare_late_request(ngx_http_request_t* r) noexcept {
    return r->internal ? prepare_once(r, Uri::of_client) : ngx_int_t{NGX_DECLINED};
}

}  // namespace auth_gate
