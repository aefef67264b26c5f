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

// What those see of Authorization who read nginx's own pointer: a copy of this header, whatever is in the list. Throws
// bad_alloc.
void show_authorization(ngx_http_request_t* r, const ngx_table_elt_t& header);

// Remove all headers of this name. The first one is for headers that nginx keeps no pointers to. Throw bad_alloc.
void remove_headers(ngx_http_request_t* r, std::string_view name);
void remove_authorization(ngx_http_request_t* r);
void remove_cookies(ngx_http_request_t* r);

// Replaces all Cookie headers by one with this value, which is copied; by none if it is empty. Throws bad_alloc.
void set_cookies(ngx_http_request_t* r, std::string_view value);

// What $http_cookie and $cookie_NAME say in a subrequest, which shares nothing with its parent afterwards. No Cookie
// header is sent for that. `value` is copied. Throws bad_alloc.
void show_cookies(ngx_http_request_t* sr, std::string_view value);

bool has_several_cookie_headers(ngx_http_request_t* r) noexcept;

// Replaces all Upgrade headers by one with this value, which is copied; by none if it is empty. Throws bad_alloc.
void set_upgrade(ngx_http_request_t* r, std::string_view value);

// Removes Accept-Encoding, Range and the conditional headers, so that the response is complete and not compressed.
// Throws bad_alloc.
void remove_negotiation(ngx_http_request_t* r);

// Replaces the response's Cache-Control and Expires by `Cache-Control: no-store`. Throws bad_alloc.
void forbid_caching(ngx_http_request_t* r);

// Adds a response header. `name` must outlive the request; `value` is copied, with control characters percent-encoded:
// they would end the line. Throws bad_alloc.
ngx_table_elt_t* add_response_header(ngx_http_request_t* r, std::string_view name, std::string_view value);

}  // namespace auth_gate
