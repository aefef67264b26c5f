// What the gate knows of one request: made when it first looks at it, kept to its end.
#pragma once

#include "nginx/conf/conf.hpp"
#include "nginx/mfa/admin_endpoint.hpp"
#include "nginx/mfa/after_success.hpp"
#include "nginx/mfa/extend_filter.hpp"

#include "core/http/refusal.hpp"
#include "core/jwt/jwt.hpp"

namespace auth_gate {

// What came in `?token=`; it is gone from the request by then.
enum class UrlToken : std::uint8_t { none, token, unusable, jwt };

// Why a request was let in.
enum class Admission : std::uint8_t { undecided, refused, preflight, public_path, jwt, token, other_module };

enum class LookupState : std::uint8_t { none, asking, waiting, unauthorized, unavailable };

struct OpenSocket;

struct Context {
    ~Context();

    UrlToken url_token = UrlToken::none;
    Digest url_token_digest{};

    Admission admission = Admission::undecided;
    Refusal refusal = Refusal::none;

    // Whom the request was let in for, with jwt and token.
    const LocationConf* conf = nullptr;
    std::shared_ptr<const jwt::Session> session;  // with jwt
    UserId token_user;                            // with token
    std::optional<double> session_exp;
    std::uint32_t purpose = 0;

    bool ambiguous_path = false;         // another server could read the path another way than nginx does
    bool token_spent = false;            // presented to the store, which happens once
    ngx_str_t fresh_jwt{};               // signed when first asked for
    std::vector<ngx_str_t> former_jwts;  // that were fresh before forget_user()
    bool renders_refusal = false;
    bool body_sent = false;
    ngx_str_t body{};
    ngx_http_log_handler_pt log_handler = nullptr;  // nginx's, behind the one that covers JWTs

    // Of the user, as far as it was asked for.
    std::optional<Identity> identity;
    const IdentitySource* identity_source = nullptr;  // who was asked
    std::uint8_t token_notes = 0;
    LookupState lookup = LookupState::none;
    std::uint64_t identity_key = 0;
    std::uint32_t lookup_ticket = 0;
    std::uint64_t lookup_deadline_ms = 0;
    const LocationConf* awaiting = nullptr;  // where the credentials were good and the identity is awaited
    bool dry_run_refusal = false;            // a dry run let it through, the policy would not have

    AfterSuccess after_success;
    Extension extension;
    AdminRequest admin;

    OpenSocket* socket = nullptr;

    bool has_user() const noexcept { return admission == Admission::jwt || admission == Admission::token; }

    // Only with has_user().
    const UserId& user() const noexcept { return admission == Admission::jwt ? session->user : token_user; }

    // Before other credentials let the request in, as those may that a location takes to which it was redirected.
    // Throws bad_alloc.
    void forget_user();

    // What others than this source said is not what it would say.
    void ask_only(const IdentitySource* source) noexcept;
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
