// An HTTP client for workers: libcurl's multi interface on nginx's own event loop. Nothing of it blocks: sockets and
// timers are nginx's events, and names are resolved by libcurl's asynchronous resolver.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include <string>
#include <vector>

namespace auth_gate {

struct HttpRequest {
    std::string url;  // https, or http for a loopback host
    bool allow_http = false;
    std::vector<std::string> headers;  // "Name: value"
    std::string form;                  // posted when not empty; otherwise it is a GET
    std::string ca_file;               // empty: the system's
    std::string proxy;                 // empty: none, whatever the environment says
    ngx_msec_t connect_timeout_ms = 5'000;
    ngx_msec_t timeout_ms = 10'000;
    std::size_t largest_body = 256 * 1024;
};

// The body may hold secrets: it is wiped on destruction.
struct HttpAnswer {
    const char* failure = nullptr;  // why there is no answer: libcurl's sentence, without the URL
    long status = 0;
    std::string content_type;
    std::string body;

    HttpAnswer() = default;
    HttpAnswer(HttpAnswer&&) = default;
    HttpAnswer& operator=(HttpAnswer&&) = default;
    ~HttpAnswer();
};

// Called once, from the event loop, never from within http_begin(). May begin and cancel requests.
using HttpDone = void (*)(void* data, HttpAnswer& answer) noexcept;

// A request under way; owned by the client, gone once `done` is called or it is cancelled.
class HttpCall;

// Null when it cannot be begun (no memory), and `done` is then not called. Throws bad_alloc.
HttpCall* http_begin(const HttpRequest& request, HttpDone done, void* data);

// `done` is not called any more.
void http_cancel(HttpCall* call) noexcept;

// Null when libcurl does what this client needs of it, otherwise what is missing. For `nginx -t`.
const char* http_client_lacks() noexcept;

// For the module table. The client makes itself with the first request.
void stop_http_client() noexcept;

}  // namespace auth_gate
