#include "nginx/ngx/subrequest.hpp"

#include "nginx/ngx/buffers.hpp"
#include "nginx/ngx/headers.hpp"

namespace auth_gate {

namespace {

ngx_http_output_body_filter_pt next_body_filter;

void add_header(ngx_http_request_t* r, const char* name, ngx_str_t value) {
    auto* header = static_cast<ngx_table_elt_t*>(ngx_list_push(&r->headers_in.headers));
    if (header == nullptr) {
        throw std::bad_alloc();
    }
    *header = {};
    header->hash = 1;
    header->key = borrowed(name);
    header->lowcase_key = header->key.data;
    header->value = value;
}

void make_own_request(ngx_http_request_t* sr) {
    if (ngx_list_init(&sr->headers_in.headers, sr->pool, 4, sizeof(ngx_table_elt_t)) != NGX_OK) {
        throw std::bad_alloc();
    }
    if (sr->headers_in.host != nullptr) {
        add_header(sr, "host", sr->headers_in.host->value);
    }
    add_header(sr, "accept", borrowed("application/json"));
    sr->headers_in.authorization = nullptr;

    sr->headers_in.content_length_n = -1;
    sr->headers_in.content_length = nullptr;
    sr->headers_in.chunked = 0;
    sr->request_body = static_cast<ngx_http_request_body_t*>(ngx_pcalloc(sr->pool, sizeof(ngx_http_request_body_t)));
    if (sr->request_body == nullptr) {
        throw std::bad_alloc();
    }
}

ngx_int_t ended(ngx_http_request_t* sr, void* data, ngx_int_t rc) noexcept {
    auto& subrequest = *static_cast<Subrequest*>(data);
    if (subrequest.answered) {
        return NGX_OK;
    }
    subrequest.answered = true;
    // nginx does not report an answer that broke off, and its beginning may look complete.
    const bool broke_off = rc < NGX_OK || (rc == NGX_OK && !subrequest.body.empty() && !subrequest.whole);
    return shielded(sr->connection->log, ngx_int_t{NGX_ERROR}, [&] {
        subrequest.done(sr, subrequest, broke_off ? ngx_int_t{NGX_HTTP_BAD_GATEWAY} : rc);
        // A failed subrequest does not decide the answer of the main request.
        return sr->connection->error ? ngx_int_t{NGX_ERROR} : ngx_int_t{NGX_OK};
    });
}

ngx_int_t body_filter(ngx_http_request_t* r, ngx_chain_t* in) noexcept {
    auto* subrequest =
        r == r->main ? nullptr : static_cast<Subrequest*>(ngx_http_get_module_ctx(r, ngx_http_auth_gate_module));
    if (subrequest == nullptr) {
        return next_body_filter(r, in);
    }
    return shielded(r->connection->log, ngx_int_t{NGX_ERROR}, [&]() -> ngx_int_t {
        for (; in != nullptr; in = in->next) {
            take_content(subrequest->body, *in->buf);
            subrequest->whole |= in->buf->last_in_chain || in->buf->last_buf;
            if (subrequest->body.size() > Subrequest::largest_answer) {
                subrequest->body.resize(Subrequest::largest_answer + 1);
            }
        }
        return NGX_OK;
    });
}

}  // namespace

ngx_http_request_t* begin_subrequest(ngx_http_request_t* r, ngx_str_t uri, Subrequest& subrequest, ngx_uint_t flags) {
    auto* post = static_cast<ngx_http_post_subrequest_t*>(ngx_palloc(r->pool, sizeof(ngx_http_post_subrequest_t)));
    if (post == nullptr) {
        throw std::bad_alloc();
    }
    *post = {ended, &subrequest};
    ngx_http_request_t* sr;
    if (ngx_http_subrequest(r, &uri, nullptr, &sr, post, flags) != NGX_OK) {
        return nullptr;
    }
    ngx_http_set_ctx(sr, &subrequest, ngx_http_auth_gate_module);
    make_own_request(sr);
    return sr;
}

void post_json(ngx_http_request_t* sr, std::string_view body) {
    auto* link = ngx_alloc_chain_link(sr->pool);
    if (link == nullptr) {
        throw std::bad_alloc();
    }
    *link = {last_buffer(sr, copy(sr->pool, body)), nullptr};
    sr->request_body->bufs = link;
    sr->request_body->buf = link->buf;
    sr->headers_in.content_length_n = static_cast<off_t>(body.size());
    add_header(sr, "content-type", borrowed("application/json"));
    sr->method = NGX_HTTP_POST;
    sr->method_name = ngx_string("POST");
}

void install_subrequest_filter() noexcept {
    next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = body_filter;
}

}  // namespace auth_gate
