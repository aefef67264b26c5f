// Keeps tokens and JWTs out of what nginx remembers of a request, and of what it logs.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include "core/http/query.hpp"

#include <span>

namespace auth_gate {

// The URL's parameter that carries a token, unless `auth_gate param=` says otherwise.
inline constexpr std::string_view token_parameter = "token";

// Covers tokens and JWTs in the request line and in Referer, in every spelling of the parameter that some parser
// accepts. nginx may refuse or redirect a request before its location is known, and logs its request line. The raw text
// of $args stays for the gate to read; what is still in it at the end is covered before it is logged. Throws bad_alloc.
void redact_request(ngx_http_request_t* r);

// Covers the wanted values of a parameter wherever nginx keeps the URL, and takes the parameter out of the URL that is
// passed on. Throws bad_alloc.
void remove_parameter(ngx_http_request_t* r, std::string_view name, query::Wanted wanted);

enum class Cover : bool { jwts, tokens_and_jwts };

// Covers JWTs under any name wherever nginx keeps the URL, and tokens in every spelling of a parameter that some
// location takes them from. Throws bad_alloc.
void cover_every_spelling(ngx_http_request_t* r, Cover cover);

// Whether some parser takes a raw name for that of a parameter that some location takes tokens from. Throws bad_alloc.
bool may_carry_token(ngx_http_request_t* r, std::string_view raw_name);

// Whether there is something like a JWT in the parameter. Throws bad_alloc.
bool holds_jwt(const query::Parameter& parameter);

// Covers `text` in all request headers. Shorter texts than a token are left alone.
void cover_in_headers(ngx_http_request_t* r, std::string_view text);

// Sets the raw URL of the request. Throws bad_alloc.
void set_unparsed_uri(ngx_http_request_t* r, std::string_view path, std::string_view args);

}  // namespace auth_gate
