// The gate's own requests to the application, as subrequests: nothing that the client sent goes along, and nothing of
// the answer reaches it.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include <string>

namespace auth_gate {

// What a subrequest of ours is about; its module context. Lives as long as the main request.
struct Subrequest {
    static constexpr std::size_t largest_answer = 1024 * 1024;  // bytes; of more `largest_answer` + 1 are kept

    // Called once, at its end. `rc` is NGX_OK, or the status that nginx ended it with: 502 for an answer that broke
    // off.
    using Done = void (*)(ngx_http_request_t* sr, Subrequest& self, ngx_int_t rc);

    Done done = nullptr;
    bool answered = false;
    bool whole = false;  // the end of the body was seen
    std::string body;
};

// A GET for JSON, with the client's Host. Null when nginx refuses to. Throws bad_alloc.
ngx_http_request_t* begin_subrequest(ngx_http_request_t* r, ngx_str_t uri, Subrequest& subrequest, ngx_uint_t flags);

// Makes it a POST of this JSON. Throws bad_alloc.
void post_json(ngx_http_request_t* sr, std::string_view body);

// Puts the filter that reads the answers in front of nginx's.
void install_subrequest_filter() noexcept;

}  // namespace auth_gate
