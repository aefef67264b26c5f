// The session in the headers that the application gets.
#pragma once

#include "nginx/ngx/ngx.hpp"

namespace auth_gate {

struct Credential;
struct LocationConf;
struct RequestState;

// The application must see the session that let the request in, and no other that nobody verified. Throws bad_alloc.
void keep_only_this_session(ngx_http_request_t* r, const LocationConf& conf, const Credential& verified);
void remove_all_but_authorization(ngx_http_request_t* r, const LocationConf& conf);
void remove_sessions(ngx_http_request_t* r, const LocationConf& conf);

// Instead of a token: a fresh JWT for the token's session, where the session was. Throws bad_alloc.
void send_session_of_token(ngx_http_request_t* r, const LocationConf& conf, RequestState& state);

// In the headers of a lookup, which has none of the client's: the JWT that the client sent, where it was; for a token,
// a fresh one. Throws bad_alloc.
void send_session_with_lookup(ngx_http_request_t* sr, RequestState& state);

}  // namespace auth_gate
