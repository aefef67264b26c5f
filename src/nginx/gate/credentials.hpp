// Which of a request's credentials decides.
#pragma once

#include "nginx/gate/stages.hpp"

#include <string>

namespace auth_gate {

struct JwtSources;

// A JWT that the client sent.
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

struct Choice {
    enum class Kind : std::uint8_t {
        refused,      // for `refusal`
        preflight,    // a CORS preflight, which carries no credential
        public_path,  // no session is needed
        kept,         // a token that the request was admitted by before an internal redirect
        jwt,          // `credential`
        token,        // the lifted one
    };

    Kind kind = Kind::refused;
    Refusal refusal = Refusal::none;
    const char* why = nullptr;  // for the log
    Credential credential;
};

// Pure: changes neither the request nor the state. Throws bad_alloc.
Choice choose(ngx_http_request_t* r, const LocationConf& conf, const RequestState& state);

// Stage 1: choose(), and keep the choice.
Outcome choose_credentials(ngx_http_request_t* r, const LocationConf& conf, RequestState& state);

// `Authorization: Bearer` (RFC 6750, 2.1). Two Authorization headers are unusable, another scheme is none.
Credential bearer_credential(ngx_http_request_t* r, const LocationConf& conf) noexcept;

// Whether an Authorization header is of the scheme Bearer, also to a parser that takes more for white space.
bool has_bearer(ngx_http_request_t* r) noexcept;

// The first configured cookie that was sent. Two of one name and different values are unusable: the
// application might read the other one.
Credential cookie_credential(ngx_http_request_t* r, const LocationConf& conf) noexcept;

// The keys and claims that the user was admitted with would do at this location too.
bool meets_same_demands(const LocationConf& conf, const RequestState& state) noexcept;

}  // namespace auth_gate
