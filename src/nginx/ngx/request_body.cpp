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
            continue;  // a buffer of an empty body is neither in memory nor in a file
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

}  // namespace auth_gate
