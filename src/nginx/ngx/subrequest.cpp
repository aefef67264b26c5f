#include "nginx/ngx/subrequest.hpp"

#include "nginx/ngx/buffers.hpp"
#include "nginx/ngx/headers.hpp"
#include "nginx/ngx/request_variables.hpp"

namespace auth_gate {

namespace {

ngx_http_output_body_filter_pt next_body_filter;

// Without a body, and with values of variables of its own.
void separate(ngx_http_request_t* sr) {
    separate_variables(sr);

    sr->headers_in.content_type = nullptr;
    sr->headers_in.content_length_n = -1;
    sr->headers_in.content_length = nullptr;
    sr->headers_in.chunked = 0;
    sr->request_body = static_cast<ngx_http_request_body_t*>(ngx_pcalloc(sr->pool, sizeof(ngx_http_request_body_t)));
    if (sr->request_body == nullptr) {
        throw std::bad_alloc();
    }
}

// A mirrored request, or something within one.
bool is_in_background(const ngx_http_request_t* r) noexcept {
    while (r != nullptr && !r->background) {
        r = r->parent;
    }
    return r != nullptr;
}

// nginx wakes the request that waits, but where that is in the background: there it would also count a subrequest that
// is not as never finished, and keep the connection.
void wake_in_background(ngx_http_request_t* sr) noexcept {
    if (is_in_background(sr->parent)) {
        ngx_http_post_request(sr->parent, nullptr);
    }
}

void empty_headers(ngx_http_request_t* sr) {
    if (ngx_list_init(&sr->headers_in.headers, sr->pool, 4, sizeof(ngx_table_elt_t)) != NGX_OK) {
        throw std::bad_alloc();
    }
}

void make_own_request(ngx_http_request_t* sr) {
    empty_headers(sr);
    if (sr->headers_in.host != nullptr) {
        add_request_header(sr, "Host", sr->headers_in.host->value);
    }
    add_request_header(sr, "Accept", borrowed("application/json"));
    sr->headers_in.authorization = nullptr;
    show_cookies(sr, {});
    sr->headers_in.upgrade = nullptr;  // or a 101 would take the client's connection over
    separate(sr);
}

// Its headers are a list of its own, so that the request itself keeps all of them.
void make_get(ngx_http_request_t* r, ngx_http_request_t* sr) {
    sr->method = NGX_HTTP_GET;
    sr->method_name = ngx_string("GET");
    empty_headers(sr);
    each_header(r, [sr](const ngx_table_elt_t& header) {
        const std::string_view name = lower_name(header);
        if (name == "content-type" || name == "content-length" || name == "transfer-encoding" || name == "expect") {
            return;
        }
        auto* copied = static_cast<ngx_table_elt_t*>(ngx_list_push(&sr->headers_in.headers));
        if (copied == nullptr) {
            throw std::bad_alloc();
        }
        *copied = header;
    });
    remove_negotiation(sr);
    separate(sr);
}

ngx_int_t ended(ngx_http_request_t* sr, void* data, ngx_int_t rc) noexcept {
    auto& subrequest = *static_cast<Subrequest*>(data);
    if (subrequest.answered) {
        return NGX_OK;
    }
    subrequest.answered = true;
    // nginx does not report an answer that broke off, and its beginning may look complete.
    const bool has_begun = !subrequest.body.empty() || (sr->upstream != nullptr && sr->upstream->header_sent);
    const bool broke_off = rc < NGX_OK || (rc == NGX_OK && has_begun && !subrequest.whole);
    return shielded(sr->connection->log, ngx_int_t{NGX_ERROR}, [&] {
        subrequest.done(sr, subrequest, broke_off ? ngx_int_t{NGX_HTTP_BAD_GATEWAY} : rc);
        wake_in_background(sr);
        // A failed subrequest does not decide the answer of the main request.
        return sr->connection->error ? ngx_int_t{NGX_ERROR} : ngx_int_t{NGX_OK};
    });
}

// The module context would not do: a redirect within nginx (try_files, X-Accel-Redirect) wipes it.
Subrequest* subrequest_of(ngx_http_request_t* r) noexcept {
    const ngx_http_post_subrequest_t* post = r->post_subrequest;
    return post != nullptr && post->handler == ended ? static_cast<Subrequest*>(post->data) : nullptr;
}

ngx_int_t body_filter(ngx_http_request_t* r, ngx_chain_t* in) noexcept {
    if (r == r->main || !is_inside_lookup(r)) {
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

ngx_http_request_t* start(ngx_http_request_t* r, ngx_str_t uri, ngx_str_t* args, Subrequest& subrequest,
                          ngx_uint_t flags) {
    auto* post = static_cast<ngx_http_post_subrequest_t*>(ngx_palloc(r->pool, sizeof(ngx_http_post_subrequest_t)));
    if (post == nullptr) {
        throw std::bad_alloc();
    }
    *post = {ended, &subrequest};
    if (is_in_background(r)) {
        flags = NGX_HTTP_SUBREQUEST_BACKGROUND;
    }
    ngx_http_request_t* sr;
    return ngx_http_subrequest(r, &uri, args, &sr, post, flags) == NGX_OK ? sr : nullptr;
}

}  // namespace

ngx_http_request_t* begin_subrequest(ngx_http_request_t* r, ngx_str_t uri, Subrequest& subrequest, ngx_uint_t flags) {
    ngx_http_request_t* sr = start(r, uri, nullptr, subrequest, flags);
    if (sr != nullptr) {
        make_own_request(sr);
    }
    return sr;
}

ngx_http_request_t* begin_same_request(ngx_http_request_t* r, Subrequest& subrequest) {
    ngx_http_request_t* sr = start(r, r->uri, &r->args, subrequest, NGX_HTTP_SUBREQUEST_WAITED);
    if (sr == nullptr) {
        return nullptr;
    }
    subrequest.same_request = true;
    sr->method = r->method;
    sr->method_name = r->method_name;
    sr->loc_conf = r->loc_conf;
    ngx_http_update_location_config(sr);
    sr->content_handler = r->content_handler;

    // What the location's directives may use of the request: the forms of the URI, and the regex's captures.
    sr->internal = r->internal;
    sr->valid_location = r->valid_location;
    sr->valid_unparsed_uri = r->valid_unparsed_uri;
    sr->quoted_uri = r->quoted_uri;
    sr->plus_in_uri = r->plus_in_uri;
    sr->captures = r->captures;
    sr->captures_data = r->captures_data;
    sr->ncaptures = r->ncaptures;

    // The phases are behind the request.
    auto* core = static_cast<ngx_http_core_main_conf_t*>(ngx_http_get_module_main_conf(r, ngx_http_core_module));
    const ngx_http_phase_handler_t* handlers = core->phase_engine.handlers;
    ngx_int_t content = 0;
    while (handlers[content].checker != ngx_http_core_content_phase) {
        ++content;
    }
    sr->phase_handler = content;
    sr->write_event_handler = ngx_http_core_run_phases;
    return sr;
}

ngx_http_request_t* begin_same_request_as_get(ngx_http_request_t* r, Subrequest& subrequest) {
    ngx_http_request_t* sr = begin_same_request(r, subrequest);
    if (sr != nullptr) {
        make_get(r, sr);
    }
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
    sr->headers_in.content_type = add_request_header(sr, "Content-Type", borrowed("application/json"));
    sr->method = NGX_HTTP_POST;
    sr->method_name = ngx_string("POST");
}

bool is_lookup(ngx_http_request_t* r) noexcept {
    const Subrequest* subrequest = subrequest_of(r);
    return subrequest != nullptr && !subrequest->same_request;
}

bool is_same_request(ngx_http_request_t* r) noexcept {
    const Subrequest* subrequest = subrequest_of(r);
    return subrequest != nullptr && subrequest->same_request;
}

bool is_inside_lookup(ngx_http_request_t* r) noexcept {
    for (; r != r->main; r = r->parent) {
        if (subrequest_of(r) != nullptr) {
            return true;
        }
    }
    return false;
}

void install_subrequest_filter() noexcept {
    next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = body_filter;
}

}  // namespace auth_gate
