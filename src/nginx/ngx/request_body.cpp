#include "nginx/ngx/request_body.hpp"

namespace auth_gate {

std::optional<std::string> whole_body(ngx_http_request_t* r, std::size_t most) {
    std::string body;
    if (r->request_body == nullptr) {
        return body;
    }
    for (ngx_chain_t* link = r->request_body->bufs; link != nullptr; link = link->next) {
        ngx_buf_t& buffer = *link->buf;
        const auto size = static_cast<std::size_t>(ngx_buf_size(&buffer));
        if (size > most - body.size()) {
            return std::nullopt;
        }
        if (size == 0) {
            continue;  // an empty body's buffer is neither in memory nor in a file
        }
        if (ngx_buf_in_memory(&buffer)) {
            body.append(chars(buffer.pos), size);
            continue;
        }
        const std::size_t begin = body.size();
        body.resize(begin + size);
        const ssize_t n = ngx_read_file(buffer.file, bytes(body.data() + begin), size, buffer.file_pos);
        if (n != static_cast<ssize_t>(size)) {
            return std::nullopt;
        }
    }
    return body;
}

void replace_body(ngx_http_request_t* r, std::string_view text) {
    const ngx_str_t body = copy(r->pool, text);
    auto* buffer = static_cast<ngx_buf_t*>(ngx_calloc_buf(r->pool));
    auto* link = ngx_alloc_chain_link(r->pool);
    if (buffer == nullptr || link == nullptr) {
        throw std::bad_alloc();
    }
    buffer->pos = buffer->start = body.data;
    buffer->last = buffer->end = body.data + body.len;
    buffer->memory = 1;
    buffer->last_buf = 1;
    *link = {buffer, nullptr};
    r->request_body->bufs = link;
    r->request_body->buf = buffer;
    r->request_body->temp_file = nullptr;
    r->headers_in.content_length_n = static_cast<off_t>(body.len);
    if (r->headers_in.content_length != nullptr) {
        r->headers_in.content_length->value = copy(r->pool, std::to_string(body.len));
    }
}

}  // namespace auth_gate
