// Who a request comes from, as far as it is known at the moment: for variables, which are asked for in all phases.
//
// Before the access phase the request's JWT is verified for who asks. That lets nobody in: the access phase decides by
// itself, and takes from here no more than that this JWT's signature has been checked.
#pragma once

#include "nginx/conf/conf.hpp"

#include "core/jwt/jwt.hpp"

#include <memory>
#include <string>

namespace auth_gate {

struct RequestState;

// A JWT that was verified before the access phase. In the request's pool.
struct EarlyJwt {
    const LocationConf* conf = nullptr;  // where; null: none was
    std::string text;
    std::shared_ptr<const jwt::Session> session;  // null: it is no session

    // Whether verifying this text here would give that session: the keys, the sources and the user claim are the same.
    bool is_session_of(std::string_view jwt, const LocationConf& here) const noexcept;
};

struct KnownUser {
    const UserId* id = nullptr;  // null: nobody
    const json::Claims* claims = nullptr;
    bool admitted = false;  // it is the user that the request was admitted for
};

// Throws bad_alloc.
KnownUser known_user(ngx_http_request_t* r);

}  // namespace auth_gate
