// What the gate knows of one request: made when it first looks at it, kept to its end.
#pragma once

#include "conf.hpp"

#include "core/jwt.hpp"
#include "core/refusal.hpp"

#include <string>

namespace auth_gate {

// What came in `?token=`; it is gone from the request by then.
enum class UrlToken : std::uint8_t { none, token, unusable, jwt };

// Why a request was let in.
enum class Admission : std::uint8_t { undecided, refused, preflight, public_path, jwt, token, elsewhere };

struct Context {
    UrlToken url_token = UrlToken::none;
    Digest url_token_digest{};

    Admission admission = Admission::undecided;
    Refusal refusal = Refusal::none;

    // Whom the request was let in for, with jwt and token.
    const LocationConf* conf = nullptr;
    UserId user;
    std::optional<double> session_exp;
    json::Value claims;  // with jwt
    std::uint32_t purpose = 0;

    bool ambiguous_path = false;  // another server could read the path another way than nginx does
    bool token_spent = false;    // presented to the store, which happens once
    ngx_str_t fresh_jwt{};       // signed when first asked for
    bool renders_refusal = false;
    bool body_sent = false;
    ngx_str_t body{};
    ngx_http_log_handler_pt log_handler = nullptr;  // nginx's, behind the one that covers JWTs

    bool has_user() const noexcept { return admission == Admission::jwt || admission == Admission::token; }
};

// The main request's context, or null. Found also after an internal redirect, which wipes nginx's own slot.
Context* find_context(ngx_http_request_t* r) noexcept;

// The same, made where there is none. Throws bad_alloc.
Context& obtain_context(ngx_http_request_t* r);

// The context only while no internal redirect has left the place where the request was refused: what
// comes after one is another answer.
Context* context_here(ngx_http_request_t* r) noexcept;

// A JWT for whom the request was let in for, signed now and valid for a minute or as configured, no longer
// than the session itself. Empty for a request without a user. Throws bad_alloc.
ngx_str_t fresh_jwt(ngx_http_request_t* r, Context& context);

}  // namespace auth_gate
