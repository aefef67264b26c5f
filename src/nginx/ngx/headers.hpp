// Headers: of a request find one, replace it, take it out; to a response add one.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace auth_gate {

// The value of the first header of this lower-case name; empty when there is none.
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

// One Authorization header with this value, whatever there was. Throws bad_alloc.
void set_authorization(ngx_http_request_t* r, ngx_str_t value);

// Nothing of the request is a credential any more. Throws bad_alloc.
void remove_authorization(ngx_http_request_t* r);
void remove_cookies(ngx_http_request_t* r);

// The request stays one: nothing takes its connection over. Throws bad_alloc.
void remove_upgrade(ngx_http_request_t* r);

// The answer to what is left is whole, plain and new: no encoding, no range, no condition. Throws bad_alloc.
void remove_negotiation(ngx_http_request_t* r);

// Takes the cookies of these names out of the Cookie headers, but for `kept`; also what an application may read as one
// of them, such as "name =". Throws bad_alloc.
void remove_cookies(ngx_http_request_t* r, const std::vector<std::string>& names, std::string_view kept = {});

// Calls f(pair, name, value) for each cookie, in order; `pair` is "name=value" as it stands.
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

// Nobody keeps the response, whatever its headers have said of that. Throws bad_alloc.
void forbid_caching(ngx_http_request_t* r);

// Adds a response header. Throws bad_alloc.
ngx_table_elt_t* add_response_header(ngx_http_request_t* r, std::string_view name, std::string_view value);

}  // namespace auth_gate
