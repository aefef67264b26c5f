#include "nginx/client/http_client.hpp"

#include "nginx/client/libcurl.hpp"
#include "nginx/ngx/foreign_socket.hpp"
#include "nginx/ngx/timer.hpp"

#include "core/base/crypto.hpp"
#include "core/http/address.hpp"

#include <curl/curl.h>
#include <openssl/err.h>

#include <cstring>
#include <memory>

namespace auth_gate {

namespace {

constexpr long idle_connections = 8;
constexpr ngx_msec_t look_after_ms = 200;
constexpr std::size_t largest_head = 64 * 1024;  // bytes: interim answers, header and trailers together

struct FreeEasy {
    void operator()(CURL* easy) const noexcept { libcurl.easy_cleanup(easy); }
};

// One of them may be Authorization.
struct FreeHeaders {
    void operator()(curl_slist* list) const noexcept {
        for (const curl_slist* at = list; at != nullptr; at = at->next) {
            wipe(at->data, std::strlen(at->data));
        }
        libcurl.slist_free_all(list);
    }
};

}  // namespace

class HttpCall {
public:
    HttpCall(const HttpRequest& request, HttpDone done, void* data);
    ~HttpCall();
    HttpCall(const HttpCall&) = delete;
    HttpCall& operator=(const HttpCall&) = delete;

    static std::size_t take(char* text, std::size_t size, std::size_t count, void* data) noexcept;
    static std::size_t pass(char* line, std::size_t size, std::size_t count, void* data) noexcept;
    static curl_socket_t open(void* data, curlsocktype purpose, curl_sockaddr* address) noexcept;

    void finish(CURLcode code) noexcept;

    CURL* easy() const noexcept { return easy_.get(); }

    HttpCall* previous = nullptr;
    HttpCall* next = nullptr;

private:
    void add_header(const char* line);

    std::unique_ptr<curl_slist, FreeHeaders> headers_;
    std::string form_;
    std::unique_ptr<CURL, FreeEasy> easy_;
    HttpDone done_;
    void* data_;
    std::size_t largest_body_;
    std::size_t head_ = 0;  // bytes so far
    bool too_large_ = false;
    bool not_public_ = false;  // an address was refused
    HttpAnswer answer_;
};

namespace {

// One per worker: the multi handle, its timers, and the calls in progress.
struct Client {
    CURLM* multi = nullptr;
    Timer timer;
    Timer look_after;
    HttpCall* calls = nullptr;
};

constinit Client client;

bool is_public(const sockaddr& peer) noexcept {
    const void* whole = &peer;
    if (peer.sa_family == AF_INET) {
        address::V4 bytes;
        std::memcpy(bytes.data(), &static_cast<const sockaddr_in*>(whole)->sin_addr, bytes.size());
        return address::is_public(bytes);
    }
    if (peer.sa_family == AF_INET6) {
        address::V6 bytes;
        std::memcpy(bytes.data(), &static_cast<const sockaddr_in6*>(whole)->sin6_addr, bytes.size());
        return address::is_public(bytes);
    }
    return false;
}

template <typename Value>
void set(CURL* easy, CURLoption option, Value value) {
    if (libcurl.easy_setopt(easy, option, value) != CURLE_OK) {
        throw std::bad_alloc();  // http_client_lacks() rules out other failures at `nginx -t`
    }
}

// A worker that shuts down waits for calls, but not for the client's timer when there are none.
void update_timers() noexcept {
    const bool any = client.calls != nullptr;
    client.timer.event.cancelable = any ? 0 : 1;
    if (any && !client.look_after.event.timer_set) {
        ngx_add_timer(&client.look_after.event, look_after_ms);
    } else if (!any && client.look_after.event.timer_set) {
        ngx_del_timer(&client.look_after.event);
    }
}

void enlist(HttpCall& call) noexcept {
    call.next = client.calls;
    if (call.next != nullptr) {
        call.next->previous = &call;
    }
    client.calls = &call;
    update_timers();
}

// Otherwise nginx would log the errors of curl's failed handshakes, as alerts, with its own next TLS connection.
void drop_errors() noexcept {
    ERR_clear_error();
}

void take_off(HttpCall& call) noexcept {
    (call.previous != nullptr ? call.previous->next : client.calls) = call.next;
    if (call.next != nullptr) {
        call.next->previous = call.previous;
    }
    call.previous = call.next = nullptr;
    libcurl.multi_remove_handle(client.multi, call.easy());
    drop_errors();
    update_timers();
}

// A callback may begin and cancel calls, so the message list is read anew each time.
void deliver() noexcept {
    int left = 0;
    while (const CURLMsg* message = client.multi == nullptr ? nullptr : libcurl.multi_info_read(client.multi, &left)) {
        if (message->msg != CURLMSG_DONE) {
            continue;
        }
        HttpCall* call = nullptr;
        const CURLcode code = message->data.result;
        libcurl.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &call);
        take_off(*call);
        const std::unique_ptr<HttpCall> owned(call);
        owned->finish(code);
    }
}

void drive(curl_socket_t fd, int ready) noexcept {
    int running = 0;
    libcurl.multi_socket_action(client.multi, fd, ready, &running);
    drop_errors();
    deliver();
}

// The connection may be freed afterwards.
void socket_ready(ngx_event_t* event) noexcept {
    const auto* connection = static_cast<ngx_connection_t*>(event->data);
    drive(connection->fd, event->write ? CURL_CSELECT_OUT : CURL_CSELECT_IN);
}

void timer_fired(ngx_event_t*) noexcept {
    drive(CURL_SOCKET_TIMEOUT, 0);
}

// When a host's first address fails, libcurl 7.88 asks for neither a socket nor a timer for the next one. Polling all
// calls now and then, as curl's own blocking interface does, gets it going again.
void look_after_calls(ngx_event_t*) noexcept {
    int running = 0;
    libcurl.multi_socket_all(client.multi, &running);
    drop_errors();
    deliver();
    update_timers();
}

// curl reports a socket that was not connected yet after closing it. An error return would end all transfers. If nginx
// has no free connection, only this call times out.
int on_socket(CURL*, curl_socket_t fd, int what, void*, void* known) noexcept {
    auto* connection = static_cast<ngx_connection_t*>(known);
    if (what == CURL_POLL_REMOVE) {
        if (connection != nullptr) {
            libcurl.multi_assign(client.multi, fd, nullptr);
            foreign_socket::forget(connection);
        }
        return 0;
    }
    if (connection == nullptr) {
        connection = foreign_socket::adopt(fd, socket_ready);
        if (connection == nullptr) {
            return 0;
        }
        libcurl.multi_assign(client.multi, fd, connection);
    }
    foreign_socket::watch(connection->read, NGX_READ_EVENT, (what & CURL_POLL_IN) != 0);
    foreign_socket::watch(connection->write, NGX_WRITE_EVENT, (what & CURL_POLL_OUT) != 0);
    return 0;
}

int on_timer(CURLM*, long ms, void*) noexcept {
    if (client.timer.event.timer_set) {
        ngx_del_timer(&client.timer.event);  // or nginx would keep the old time if the two are close
    }
    if (ms >= 0) {
        ngx_add_timer(&client.timer.event, static_cast<ngx_msec_t>(ms));
    }
    return 0;
}

bool start() noexcept {
    if (client.multi != nullptr) {
        return true;
    }
    if (libcurl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return false;
    }
    client.multi = libcurl.multi_init();
    if (client.multi == nullptr) {
        return false;
    }
    client.timer.init(timer_fired, ngx_cycle->log);
    client.look_after.init(look_after_calls, ngx_cycle->log);
    // CURLMOPT_QUICK_EXIT, which older headers lack: since 8.20 the multi handle owns the resolver's threads, and an
    // exiting worker would wait for them.
    constexpr auto quick_exit = static_cast<CURLMoption>(21);
    libcurl.multi_setopt(client.multi, quick_exit, 1L);
    libcurl.multi_setopt(client.multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    libcurl.multi_setopt(client.multi, CURLMOPT_TIMERFUNCTION, on_timer);
    libcurl.multi_setopt(client.multi, CURLMOPT_MAXCONNECTS, idle_connections);
    return true;
}

}  // namespace

HttpCall::HttpCall(const HttpRequest& request, HttpDone done, void* data)
    : form_(request.form), easy_(libcurl.easy_init()), done_(done), data_(data), largest_body_(request.largest_body) {
    if (easy_ == nullptr) {
        throw std::bad_alloc();
    }
    for (const std::string& header : request.headers) {
        add_header(header.c_str());
    }
    add_header("Accept-Encoding:");  // none is asked for, but some servers compress all the same
    CURL* easy = easy_.get();
    set(easy, CURLOPT_PRIVATE, this);
    set(easy, CURLOPT_URL, request.url.c_str());
    set(easy, CURLOPT_PROTOCOLS_STR, request.allow_http ? "http,https" : "https");
    set(easy, CURLOPT_FOLLOWLOCATION, 0L);
    set(easy, CURLOPT_PROXY, request.proxy.c_str());
    set(easy, CURLOPT_NOSIGNAL, 1L);
    set(easy, CURLOPT_QUICK_EXIT, 1L);  // or a timed-out call would wait for the resolver's thread
    set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.connect_timeout_ms));
    set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout_ms));
    set(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    set(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    set(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!request.ca_file.empty()) {
        set(easy, CURLOPT_CAINFO, request.ca_file.c_str());
        set(easy, CURLOPT_CAPATH, static_cast<const char*>(nullptr));
    }
    set(easy, CURLOPT_USERAGENT, "nginx-auth-gate");
    set(easy, CURLOPT_ACCEPT_ENCODING, "gzip");  // decoded; what is decoded counts for `largest_body`
    set(easy, CURLOPT_HTTPHEADER, headers_.get());
    if (!form_.empty()) {
        set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(form_.size()));
        set(easy, CURLOPT_POSTFIELDS, form_.c_str());
    }
    if (request.public_only && !request.proxy.empty()) {
        set(easy, CURLOPT_NOPROXY, "");  // not past the proxy, even if the environment names exceptions
    } else if (request.public_only) {
        set(easy, CURLOPT_OPENSOCKETFUNCTION, &HttpCall::open);
        set(easy, CURLOPT_OPENSOCKETDATA, this);
        set(easy, CURLOPT_FRESH_CONNECT, 1L);  // another call's connection may lead anywhere
    }
    set(easy, CURLOPT_WRITEFUNCTION, &HttpCall::take);
    set(easy, CURLOPT_WRITEDATA, this);
    set(easy, CURLOPT_HEADERFUNCTION, &HttpCall::pass);
    set(easy, CURLOPT_HEADERDATA, this);
}

void HttpCall::add_header(const char* line) {
    curl_slist* longer = libcurl.slist_append(headers_.get(), line);
    if (longer == nullptr) {
        throw std::bad_alloc();
    }
    static_cast<void>(headers_.release());
    headers_.reset(longer);
}

HttpCall::~HttpCall() {
    wipe(form_);
}

std::size_t HttpCall::take(char* text, std::size_t size, std::size_t count, void* data) noexcept {
    auto& call = *static_cast<HttpCall*>(data);
    const std::size_t length = size * count;
    if (length > call.largest_body_ - call.answer_.body.size()) {
        call.too_large_ = true;
        return 0;
    }
    return shielded(ngx_cycle->log, std::size_t{0}, [&] {
        call.answer_.body.append(text, length);
        return length;
    });
}

// The head is not used, but curl stores it, in some versions without a limit.
std::size_t HttpCall::pass(char*, std::size_t size, std::size_t count, void* data) noexcept {
    auto& call = *static_cast<HttpCall*>(data);
    const std::size_t length = size * count;
    call.head_ += length;
    call.too_large_ |= call.head_ > largest_head;
    return call.too_large_ ? 0 : length;
}

// curl has resolved the name; this is where it would connect.
curl_socket_t HttpCall::open(void* data, curlsocktype, curl_sockaddr* address) noexcept {
    if (!is_public(address->addr)) {
        static_cast<HttpCall*>(data)->not_public_ = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

void HttpCall::finish(CURLcode code) noexcept {
    if (too_large_) {
        answer_.failure = "the answer is too large";
    } else if (code == CURLE_COULDNT_CONNECT && not_public_) {
        answer_.failure = "its address is private, and an administrator has set the provider";
    } else if (code != CURLE_OK) {
        answer_.failure = libcurl.easy_strerror(code);
    } else {
        libcurl.easy_getinfo(easy(), CURLINFO_RESPONSE_CODE, &answer_.status);
        const char* redirect = nullptr;
        libcurl.easy_getinfo(easy(), CURLINFO_REDIRECT_URL, &redirect);
        const bool kept = shielded(ngx_cycle->log, false, [&] {
            answer_.redirect = redirect == nullptr ? "" : redirect;
            return true;
        });
        answer_.failure = kept ? nullptr : "out of memory";
    }
    done_(data_, answer_);
}

HttpAnswer::~HttpAnswer() {
    wipe(body);
}

HttpCall* http_begin(const HttpRequest& request, HttpDone done, void* data) {
    if (!start()) {
        return nullptr;
    }
    auto call = std::make_unique<HttpCall>(request, done, data);
    if (libcurl.multi_add_handle(client.multi, call->easy()) != CURLM_OK) {
        return nullptr;
    }
    enlist(*call);
    return call.release();
}

void http_cancel(HttpCall* call) noexcept {
    take_off(*call);
    delete call;
}

const char* http_client_lacks() noexcept {
    if (!load_libcurl()) {
        return "libcurl (libcurl.so.4)";
    }
    const curl_version_info_data* info = libcurl.version_info(CURLVERSION_NOW);
    constexpr unsigned quick_exit = 0x075700;  // 7.87.0
    if (info->version_num < quick_exit) {
        return "libcurl 7.87.0 or later";
    }
    if ((info->features & CURL_VERSION_SSL) == 0) {
        return "TLS in libcurl";
    }
    if ((info->features & CURL_VERSION_ASYNCHDNS) == 0) {
        return "an asynchronous resolver in libcurl";
    }
    return nullptr;
}

void stop_http_client() noexcept {
    if (client.multi == nullptr) {
        return;
    }
    while (client.calls != nullptr) {
        http_cancel(client.calls);
    }
    libcurl.multi_cleanup(client.multi);
    client.multi = nullptr;
    if (client.timer.event.timer_set) {
        ngx_del_timer(&client.timer.event);
    }
    libcurl.global_cleanup();
}

}  // namespace auth_gate
