#include "nginx/ngx/forward.hpp"

#include "nginx/ngx/buffers.hpp"

namespace auth_gate {

namespace {

bool is_status(ngx_int_t rc) noexcept {
    return rc >= NGX_HTTP_OK;
}

void answered(ngx_http_request_t* sr, Subrequest& subrequest, ngx_int_t rc) {
    auto& forwarded = static_cast<Forwarded&>(subrequest);
    forwarded.rc = rc;
    const ngx_uint_t last = is_status(rc) ? static_cast<ngx_uint_t>(rc) : sr->headers_out.status;
    const ngx_uint_t own = sr->upstream != nullptr ? application_status(sr) : last;
    if (rc < NGX_OK || forwarded.body.size() > Subrequest::largest_answer) {
        return;
    }
    forwarded.status = is_success(own) ? last : own;  // a success that broke off is none
    forwarded.succeeded = is_success(forwarded.status);
    // nginx's own 4xx after the application's success is no refusal, nor is 499: the client left, nobody knows.
    forwarded.refused = own >= 400 && own < 500 && own != NGX_HTTP_CLIENT_CLOSED_REQUEST;
}

// nginx's list has a pointer into itself.
void move_list(ngx_list_t& to, const ngx_list_t& from) noexcept {
    to = from;
    if (from.last == &from.part) {
        to.last = &to.part;
    }
}

// What other modules have added to the response so far stays.
void take_headers(ngx_http_request_t* r, ngx_http_request_t* sr) {
    const ngx_list_t before = r->headers_out.headers;
    r->headers_out = sr->headers_out;
    move_list(r->headers_out.headers, sr->headers_out.headers);
    move_list(r->headers_out.trailers, sr->headers_out.trailers);
    for (const ngx_list_part_t* part = &before.part; part != nullptr; part = part->next) {
        const auto* header = static_cast<const ngx_table_elt_t*>(part->elts);
        for (ngx_uint_t i = 0; i < part->nelts; ++i) {
            auto* copied = static_cast<ngx_table_elt_t*>(ngx_list_push(&r->headers_out.headers));
            if (copied == nullptr) {
                throw std::bad_alloc();
            }
            *copied = header[i];
        }
    }
}

ngx_int_t send(ngx_http_request_t* r, std::string_view body) {
    ngx_http_clear_content_length(r);
    r->headers_out.content_length_n = static_cast<off_t>(body.size());
    r->disable_not_modified = 1;
    const ngx_int_t rc = ngx_http_send_header(r);
    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }
    ngx_chain_t out = {last_buffer(r, copy(r->pool, body)), nullptr};
    return ngx_http_output_filter(r, &out);
}

}  // namespace

ngx_uint_t application_status(const ngx_http_request_t* r) noexcept {
    return r->upstream != nullptr && r->upstream->headers_in.status_n != 0 ? r->upstream->headers_in.status_n
                                                                           : r->headers_out.status;
}

bool forward(ngx_http_request_t* r, Forwarded& forwarded) {
    forwarded.done = answered;
    forwarded.request = begin_same_request(r, forwarded);
    return forwarded.request != nullptr;
}

bool forward_as_get(ngx_http_request_t* r, Forwarded& forwarded) {
    forwarded.done = answered;
    forwarded.request = begin_same_request_as_get(r, forwarded);
    return forwarded.request != nullptr;
}

ngx_int_t relay(ngx_http_request_t* r, Forwarded& forwarded) {
    r->upstream_states = forwarded.request->upstream_states;  // for the log
    if (forwarded.rc < NGX_OK || forwarded.body.size() > Subrequest::largest_answer) {
        return NGX_HTTP_BAD_GATEWAY;
    }
    take_headers(r, forwarded.request);
    if (is_status(forwarded.rc)) {
        return forwarded.rc;
    }
    if (const ngx_int_t rc = ngx_http_discard_request_body(r); rc != NGX_OK) {
        return rc;
    }
    ngx_http_finalize_request(r, send(r, forwarded.body));
    return NGX_DONE;
}

}  // namespace auth_gate
