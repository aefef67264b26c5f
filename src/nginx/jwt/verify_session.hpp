// A chosen JWT becomes the request's session.
#pragma once

#include "nginx/gate/stages.hpp"

#include "core/jwt/jwt.hpp"

#include <memory>
#include <string_view>

namespace auth_gate {

struct Credential;

// The session of a JWT by the location's keys and claims, or null. Changes nothing. Throws bad_alloc.
std::shared_ptr<const jwt::Session> session_of(ngx_http_request_t* r, const LocationConf& conf,
                                               const RequestState& state, std::string_view jwt);

// Of all that parsers may read as the session cookie, a good session becomes the credential's text: the latest one of
// a user. Returns null, or why there can be none. Without a good one, the text stays. Throws bad_alloc.
const char* settle_cookie(ngx_http_request_t* r, const LocationConf& conf, const RequestState& state,
                          Credential& credential);

// Verifies state.choice.credential. On success the session is the request's subject. A session in a cookie must also
// come from a page that may use it.
Outcome verify_session(ngx_http_request_t* r, const LocationConf& conf, RequestState& state);

}  // namespace auth_gate
