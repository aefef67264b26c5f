// Where a JWT may be in a request.
#pragma once

#include "nginx/conf/conf.hpp"

namespace auth_gate {

struct Credential {
    enum class Kind : std::uint8_t {
        none,
        jwt,
        unusable,  // there was something, but not exactly one JWT
    };

    Kind kind = Kind::none;
    std::string_view text;
    std::string_view cookie = {};  // its name, where it is one
};

// `Authorization: Bearer` (RFC 6750, 2.1). Two Authorization headers are unusable, another scheme is none.
Credential bearer_credential(ngx_http_request_t* r, const LocationConf& conf) noexcept;

// Whether an Authorization header is of the scheme Bearer, also to a parser that takes more for white space.
bool has_bearer(ngx_http_request_t* r) noexcept;

// The first configured cookie that was sent. Two of one name and different values are unusable: the
// application might read the other one.
Credential cookie_credential(ngx_http_request_t* r, const LocationConf& conf) noexcept;

}  // namespace auth_gate
