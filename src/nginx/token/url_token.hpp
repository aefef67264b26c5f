// `?token=`: read once, as early as the location is known, and gone from the request from then on.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include "core/token/token.hpp"

#include <string>

namespace auth_gate {

struct LocationConf;
struct RequestState;

// What came in `?token=`.
enum class UrlToken : std::uint8_t { none, token, unusable, jwt };

// A token that was taken out of the URL, and its one redemption.
struct LiftedToken {
    UrlToken kind = UrlToken::none;
    UrlToken misspelt = UrlToken::none;  // unusable or jwt: what only a lenient parser would find
    Digest digest{};                     // of a token
    bool jwt_in_url = false;             // under any name
    std::string jwt_parameter;           // the name of one that is no token parameter and must not go on
    bool presented = false;              // to the store, to be spent: that happens once per request
    Pending<Taken> taken;
    bool replaces_credentials = false;  // the application gets the token's user, and nothing else the client sent

    // Of what is not in $args as the location's own parameter.
    bool has_note() const noexcept { return jwt_in_url || misspelt != UrlToken::none; }
};

// What there is of it, also before it is taken out of the URL. Pure.
UrlToken url_token_of(ngx_http_request_t* r, const LocationConf& conf, const RequestState& state);

// Rewrite phase: takes a token out of the URL before limit_req or another module can log it. Where no tokens are taken,
// an application's own `?token=` is left alone, but a JWT there is refused.
ngx_int_t extract_url_token(ngx_http_request_t* r) noexcept;

}  // namespace auth_gate
