// The gate's own requests to the application, as subrequests: the client sees nothing of the answers. Lookups carry
// nothing that the client sent but its Host.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include <string>

namespace auth_gate {

// Such a subrequest. It must live as long as the main request.
struct Subrequest {
    static constexpr std::size_t largest_answer = 1024 * 1024;  // bytes; a longer answer is cut at `largest_answer` + 1

    // Called once, at the end. `rc` is NGX_OK, or the status with which nginx ended the subrequest: 502 for an
    // incomplete answer.
    using Done = void (*)(ngx_http_request_t* sr, Subrequest& self, ngx_int_t rc);

    Done done = nullptr;
    bool same_request = false;  // by begin_same_request()
    bool answered = false;
    bool whole = false;  // the body is complete
    std::string body;
};

// Starts a GET for JSON, with the client's Host. Null when nginx cannot start it. Throws bad_alloc.
ngx_http_request_t* begin_subrequest(ngx_http_request_t* r, ngx_str_t uri, Subrequest& subrequest, ngx_uint_t flags);

// Starts the request itself as a subrequest: its method, headers and body go to the content handler of its own
// location. Null when nginx cannot start it. Throws bad_alloc.
ngx_http_request_t* begin_same_request(ngx_http_request_t* r, Subrequest& subrequest);

// The same, as a GET for a complete answer that is not compressed, without the body.
ngx_http_request_t* begin_same_request_as_get(ngx_http_request_t* r, Subrequest& subrequest);

// Turns the subrequest into a POST of this JSON. Throws bad_alloc.
void post_json(ngx_http_request_t* sr, std::string_view body);

// What kind of such a subrequest it is, also after a redirect within nginx.
bool is_lookup(ngx_http_request_t* r) noexcept;
bool is_same_request(ngx_http_request_t* r) noexcept;

// Whether it is either, or within one, such as an include in its answer.
bool is_inside_lookup(ngx_http_request_t* r) noexcept;

// Installs the filter that reads the answers.
void install_subrequest_filter() noexcept;

}  // namespace auth_gate
