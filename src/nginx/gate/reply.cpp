#include "nginx/gate/reply.hpp"

#include "nginx/gate/request_state.hpp"
#include "nginx/ngx/buffers.hpp"
#include "nginx/ngx/headers.hpp"

namespace auth_gate {

ngx_int_t send_json(ngx_http_request_t* r, ngx_uint_t status, std::string_view body) {
    return send_text(r, status, "application/json", body);
}

ngx_int_t send_text(ngx_http_request_t* r, ngx_uint_t status, std::string_view type, std::string_view body) {
    if (RequestState* state = own_state(r)) {
        state->answers_itself = true;
    }
    r->headers_out.status = status;
    set_content(r, type, static_cast<off_t>(body.size()));
    add_response_header(r, "Cache-Control", "no-store");

    const ngx_int_t rc = ngx_http_send_header(r);
    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }
    ngx_chain_t out = {last_buffer(r, copy(r->pool, body)), nullptr};
    return ngx_http_output_filter(r, &out);
}

void set_content(ngx_http_request_t* r, std::string_view type, off_t length) noexcept {
    r->headers_out.content_type = borrowed(type);
    r->headers_out.content_type_len = type.size();
    r->headers_out.content_type_lowcase = nullptr;
    r->headers_out.charset.len = 0;
    r->headers_out.content_length_n = length;
    if (r->headers_out.content_length != nullptr) {
        r->headers_out.content_length->hash = 0;
        r->headers_out.content_length = nullptr;
    }
}

}  // namespace auth_gate
