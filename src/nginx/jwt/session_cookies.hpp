// The session cookies of a request. Applications read Cookie headers differently from the gate, so what they may read
// as a second session is looked at, too, and does not go on.
#pragma once

#include "nginx/gate/credentials.hpp"

#include <optional>
#include <string>
#include <vector>

namespace auth_gate {

inline constexpr std::size_t most_session_cookies = 4;

// The first configured cookie that was sent. `several`: some parser may find it more than once. Its text is then not
// for certain what an application reads; session_values() has all. Throws bad_alloc.
Credential cookie_credential(ngx_http_request_t* r, const LocationConf& conf);

// Whether some parser finds a cookie of one of these names. Throws bad_alloc.
bool has_session_cookie(ngx_http_request_t* r, const std::vector<std::string>& names);

// The different values that parsers may find for a cookie, in order. Nothing if there are more than
// most_session_cookies. Throws bad_alloc.
std::optional<std::vector<std::string_view>> session_values(ngx_http_request_t* r, std::string_view name);

// The Cookie header without the configured cookies, wherever a parser may find one, but with `kept`, which is there
// once and for all parsers; several headers are joined. Nothing: it is so already. `kept` that is no cookie is none.
// Throws bad_alloc.
std::optional<std::string> cookies_to_pass_on(ngx_http_request_t* r, const LocationConf& conf, const Credential& kept);

// Gives the request that header. Throws bad_alloc.
void keep_only_session_cookie(ngx_http_request_t* r, const LocationConf& conf, const Credential& kept);

// Adds the only cookie of this name. Throws bad_alloc.
void add_session_cookie(ngx_http_request_t* r, std::string_view name, std::string_view value);

}  // namespace auth_gate
