// A non-blocking HTTP client for workers: libcurl's multi interface on nginx's event loop, with libcurl's asynchronous
// resolver.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include <string>
#include <vector>

namespace auth_gate {

struct HttpRequest {
    std::string url;  // https, or http for a loopback host
    bool allow_http = false;
    bool public_only = false;  // connect to no loopback, link-local or private address. A proxy resolves names itself
    std::vector<std::string> headers;  // "Name: value"
    std::string form;                  // posted if not empty; otherwise the request is a GET
    std::string ca_file;               // empty: the system's
    std::string proxy;                 // empty: none, even if the environment names one
    ngx_msec_t connect_timeout_ms = 5'000;
    ngx_msec_t timeout_ms = 10'000;
    std::size_t largest_body = 256 * 1024;
};

// The body may hold secrets: it is wiped on destruction.
struct HttpAnswer {
    const char* failure = nullptr;  // why there is no answer: libcurl's sentence, without the URL
    long status = 0;
    std::string redirect;  // where a Location header leads, as an absolute URL. It is not followed
    std::string body;      // decoded

    HttpAnswer() = default;
    HttpAnswer(HttpAnswer&&) = default;
    HttpAnswer& operator=(HttpAnswer&&) = default;
    ~HttpAnswer();
};

// Called once, from the event loop, never from within http_begin(). It may begin and cancel requests.
using HttpDone = void (*)(void* data, HttpAnswer& answer) noexcept;

// A request in progress. The client owns it; the pointer is invalid once `done` is called or the request is cancelled.
class HttpCall;

// Null if the request cannot be begun for lack of memory; `done` is then not called. Throws bad_alloc.
HttpCall* http_begin(const HttpRequest& request, HttpDone done, void* data);

// `done` will not be called.
void http_cancel(HttpCall* call) noexcept;

// What this client needs and libcurl lacks, for `nginx -t`; null if nothing.
const char* http_client_lacks() noexcept;

// For the module table. The first request starts the client.
void stop_http_client() noexcept;

}  // namespace auth_gate
