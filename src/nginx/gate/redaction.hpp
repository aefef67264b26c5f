// Keeps tokens and JWTs out of what nginx remembers of a request, and of what it logs.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include "core/http/query.hpp"

#include <span>

namespace auth_gate {

// The URL's parameter that carries a token.
inline constexpr std::string_view token_parameter = "token";

// Server rewrite phase: covers tokens and JWTs in the request line and in Referer. nginx may refuse or redirect a
// request before its location is known, and logs its request line. The raw text of $args stays for the gate to read.
ngx_int_t redact_request(ngx_http_request_t* r) noexcept;

// Covers the wanted values of the token parameter wherever nginx keeps the URL, and takes the parameter out of the URL
// that is passed on. Throws bad_alloc.
void remove_token_parameter(ngx_http_request_t* r, query::Wanted wanted);

// Covers `text` in all request headers. Shorter texts than a token are left alone.
void cover_in_headers(ngx_http_request_t* r, std::string_view text);

// Sets the raw URL of the request. Throws bad_alloc.
void set_unparsed_uri(ngx_http_request_t* r, std::string_view path, std::string_view args);

}  // namespace auth_gate
