// Finds, replaces and removes request headers, and adds response headers.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace auth_gate {

// The value of the first header with this name, a view of the request's memory. Empty if there is none.
std::string_view find_header(ngx_http_request_t* r, std::string_view lower_name) noexcept;

std::size_t count_headers(ngx_http_request_t* r, std::string_view lower_name) noexcept;

// Calls f(ngx_table_elt_t&) for each request header.
template <typename F>
void each_header(ngx_http_request_t* r, F&& f) {
    for (ngx_list_part_t* part = &r->headers_in.headers.part; part != nullptr; part = part->next) {
        auto* header = static_cast<ngx_table_elt_t*>(part->elts);
        for (ngx_uint_t i = 0; i < part->nelts; ++i) {
            f(header[i]);
        }
    }
}

inline std::string_view lower_name(const ngx_table_elt_t& header) noexcept {
    return {chars(header.lowcase_key), header.key.len};
}

// Adds a request header. `name` is a literal in the usual spelling. nginx finds a header by the hash of its lower-case
// name, and proxy_set_header replaces only what it finds. Throws bad_alloc.
ngx_table_elt_t* add_request_header(ngx_http_request_t* r, std::string_view name, ngx_str_t value);

// Replaces all Authorization headers by one with this value, which is not copied. Throws bad_alloc.
void set_authorization(ngx_http_request_t* r, ngx_str_t value);

// Remove all headers of this name. Throw bad_alloc.
void remove_authorization(ngx_http_request_t* r);
void remove_cookies(ngx_http_request_t* r);

// Removes Upgrade, so that the connection cannot be upgraded. Throws bad_alloc.
void remove_upgrade(ngx_http_request_t* r);

// Removes Accept-Encoding, Range and the conditional headers, so that the response is complete and not compressed.
// Throws bad_alloc.
void remove_negotiation(ngx_http_request_t* r);

// Removes the cookies with these names, except `kept`, from the Cookie headers. Also removes spellings that an
// application may accept as one of the names, such as "name =". Throws bad_alloc.
void remove_cookies(ngx_http_request_t* r, const std::vector<std::string>& names, std::string_view kept = {});

// Calls f(pair, name, value) for each cookie of a Cookie header, in order. `pair` is "name=value" as written.
template <typename F>
void each_cookie(std::string_view header, F&& f) {
    for (std::size_t begin = 0; begin <= header.size();) {
        std::size_t end = header.find(';', begin);
        if (end == std::string_view::npos) {
            end = header.size();
        }
        std::string_view pair = header.substr(begin, end - begin);
        while (!pair.empty() && (pair.front() == ' ' || pair.front() == '\t')) {
            pair.remove_prefix(1);
        }
        const std::size_t equals = pair.find('=');
        if (equals != std::string_view::npos) {
            f(pair, pair.substr(0, equals), pair.substr(equals + 1));
        }
        begin = end + 1;
    }
}

// Replaces the response's Cache-Control and Expires by `Cache-Control: no-store`. Throws bad_alloc.
void forbid_caching(ngx_http_request_t* r);

// Adds a response header. `name` must outlive the request; `value` is copied, with control characters percent-encoded:
// they would end the line. Throws bad_alloc.
ngx_table_elt_t* add_response_header(ngx_http_request_t* r, std::string_view name, std::string_view value);

}  // namespace auth_gate
