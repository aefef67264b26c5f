#include "nginx/gate/http09.hpp"

#include "nginx/conf/conf.hpp"

namespace auth_gate {

ngx_int_t refuse_http09(ngx_http_request_t* r) noexcept {
    if (r->http_version >= NGX_HTTP_VERSION_10 || server_conf(r)->gated != 1 || r != r->main) {
        return NGX_DECLINED;
    }
    // nginx does not initialise the list of headers, and an error_page may lead to a location that adds to it.
    if (r->headers_in.headers.part.elts == nullptr &&
        ngx_list_init(&r->headers_in.headers, r->pool, 1, sizeof(ngx_table_elt_t)) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    if (r->internal) {
        return NGX_DECLINED;  // the page of this error
    }
    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0, "auth_gate: request refused: HTTP/0.9");
    return NGX_HTTP_BAD_REQUEST;
}

}  // namespace auth_gate
