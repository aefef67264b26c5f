// `?token=`: read once, as early as the location is known, and gone from the request from then on.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include "core/token/token.hpp"

namespace auth_gate {

// What came in `?token=`.
enum class UrlToken : std::uint8_t { none, token, unusable, jwt };

// A token that was taken out of the URL, and its one redemption.
struct LiftedToken {
    UrlToken kind = UrlToken::none;
    Digest digest{};         // of a token
    bool presented = false;  // to the store, to be spent: that happens once per request
    Pending<Taken> taken;
    bool replaces_credentials = false;  // the application gets the token's user, and nothing else the client sent
};

// Rewrite phase: takes a token out of the URL before limit_req or another module can log it. Where no tokens are taken,
// an application's own `?token=` is left alone, but a JWT there is refused.
ngx_int_t extract_url_token(ngx_http_request_t* r) noexcept;

}  // namespace auth_gate
