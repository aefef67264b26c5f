#include "nginx/ngx/subrequest.hpp"

#include "nginx/ngx/buffers.hpp"
#include "nginx/ngx/headers.hpp"

namespace auth_gate {

namespace {

ngx_http_output_body_filter_pt next_body_filter;

void make_own_request(ngx_http_request_t* sr) {
    if (ngx_list_init(&sr->headers_in.headers, sr->pool, 4, sizeof(ngx_table_elt_t)) != NGX_OK) {
        throw std::bad_alloc();
    }
    if (sr->headers_in.host != nullptr) {
        add_request_header(sr, "Host", sr->headers_in.host->value);
    }
    add_request_header(sr, "Accept", borrowed("application/json"));
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

// The module context would not do: a redirect within nginx (try_files, X-Accel-Redirect) wipes it.
Subrequest* subrequest_of(ngx_http_request_t* r) noexcept {
    const ngx_http_post_subrequest_t* post = r->post_subrequest;
    return post != nullptr && post->handler == ended ? static_cast<Subrequest*>(post->data) : nullptr;
}

// Within one of ours, such as an include in its answer.
bool is_inside_ours(ngx_http_request_t* r) noexcept {
    for (; r != r->main; r = r->parent) {
        if (subrequest_of(r) != nullptr) {
            return true;
        }
    }
    return false;
}

ngx_int_t body_filter(ngx_http_request_t* r, ngx_chain_t* in) noexcept {
    if (r == r->main || !is_inside_ours(r)) {
        return next_body_filter(r, in);
    }
    Subrequest* subrequest = subrequest_of(r);
    if (subrequest == nullptr) {
        for (; in != nullptr; in = in->next) {
            in->buf->pos = in->buf->last;
            in->buf->file_pos = in->buf->file_last;
        }
        return NGX_OK;
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
    add_request_header(sr, "Content-Type", borrowed("application/json"));
    sr->method = NGX_HTTP_POST;
    sr->method_name = ngx_string("POST");
}

void install_subrequest_filter() noexcept {
    next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = body_filter;
}

}  // namespace auth_gate
