#include "nginx/ngx/buffers.hpp"

#include <algorithm>

namespace auth_gate {

void take_content(std::string& out, ngx_buf_t& buffer) {
    if (ngx_buf_in_memory(&buffer)) {
        out.append(chars(buffer.pos), static_cast<std::size_t>(buffer.last - buffer.pos));
        buffer.pos = buffer.last;
    } else if (buffer.in_file) {
        const auto size = static_cast<std::size_t>(buffer.file_last - buffer.file_pos);
        const std::size_t begin = out.size();
        out.resize(begin + size);
        const ssize_t n = ngx_read_file(buffer.file, bytes(out.data() + begin), size, buffer.file_pos);
        out.resize(begin + static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
        buffer.file_pos = buffer.file_last;
    }
}

ngx_buf_t* last_buffer(ngx_http_request_t* r, ngx_str_t body) {
    auto* buffer = static_cast<ngx_buf_t*>(ngx_calloc_buf(r->pool));
    if (buffer == nullptr) {
        throw std::bad_alloc();
    }
    if (body.len != 0) {
        buffer->pos = buffer->start = body.data;
        buffer->last = buffer->end = body.data + body.len;
        buffer->memory = 1;
    }
    buffer->last_buf = 1;
    buffer->last_in_chain = 1;
    return buffer;
}

}  // namespace auth_gate
