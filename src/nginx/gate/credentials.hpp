// Which of a request's credentials decides.
#pragma once

#include "nginx/gate/stages.hpp"
#include "nginx/token/url_token.hpp"

#include "core/jwt/session_copy.hpp"

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
    bool several = false;  // a cookie: some parser may find another one of this name
    std::string_view text = {};
    jwt::SessionPlace place = {};

    bool is_cookie() const noexcept { return kind == Kind::jwt && place.kind == jwt::PlaceKind::cookie; }
};

struct Choice {
    enum class Kind : std::uint8_t {
        refused,      // for `refusal`
        preflight,    // a CORS preflight, which carries no credential
        public_path,  // no session is needed
        stranger,     // none was sent, and none is needed
        opaque,       // an application's own key, which is its to check
        kept,         // a token that the request was admitted by before an internal redirect
        jwt,          // `credential`
        token,        // the lifted one
    };

    Kind kind = Kind::refused;
    Refusal refusal = Refusal::none;
    const char* why = nullptr;  // for the log
    Credential credential;
};

// Pure: changes neither the request nor the state. `in_url` is what came as a token. Throws bad_alloc.
Choice choose(ngx_http_request_t* r, const LocationConf& conf, const RequestState& state, UrlToken in_url);

// Stage 1: choose(), and keep the choice.
Outcome choose_credentials(ngx_http_request_t* r, const LocationConf& conf, RequestState& state);

// For a bad session. Where one is optional, a page navigation with it is a stranger's. `why` is for the log.
Outcome refuse_session(ngx_http_request_t* r, const LocationConf& conf, RequestState& state, std::string_view why);

}  // namespace auth_gate
