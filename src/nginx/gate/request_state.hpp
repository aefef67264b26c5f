// What the gate knows of one request: made when it first looks at it, kept to its end. Each part is defined by the file
// that owns it.
#pragma once

#include "nginx/conf/conf.hpp"
#include "nginx/gate/credentials.hpp"
#include "nginx/gate/refusal_filter.hpp"
#include "nginx/gate/stages.hpp"
#include "nginx/identity/identity_lookup.hpp"
#include "nginx/identity/subject.hpp"
#include "nginx/jwt/fresh_jwt.hpp"
#include "nginx/mfa/admin_endpoint.hpp"
#include "nginx/mfa/after_success.hpp"
#include "nginx/mfa/extend_filter.hpp"
#include "nginx/token/url_token.hpp"

#include "core/http/refusal.hpp"

namespace auth_gate {

// Why a request was let in.
enum class Admission : std::uint8_t { undecided, refused, preflight, public_path, jwt, token, other_module };

struct OpenSocket;

struct RequestState {
    ~RequestState();

    Admission admission = Admission::undecided;
    Refusal refusal = Refusal::none;
    bool ambiguous_path = false;  // another server could read the path differently from nginx

    Progress progress;
    LiftedToken lifted_token;
    Choice choice;
    Subject subject;  // with has_user()
    IdentityLookup lookup;
    MfaQuestion mfa_question;
    bool dry_run_refusal = false;  // a dry run let it through, the policy would not have
    FreshJwt fresh;
    Rendering rendering;

    AfterSuccess after_success;
    Extension extension;
    AdminRequest admin;

    OpenSocket* socket = nullptr;

    bool has_user() const noexcept { return admission == Admission::jwt || admission == Admission::token; }

    // Only with has_user().
    const UserId& user() const noexcept {
        return admission == Admission::jwt ? subject.session->user : subject.token_user;
    }

    // Call before admitting by other credentials, as after an internal redirect. Throws bad_alloc.
    void forget_user();
};

// The main request's state, or null. An internal redirect wipes nginx's own slot; this finds the state anyway.
RequestState* find_state(ngx_http_request_t* r) noexcept;

// The same, made where there is none. Throws bad_alloc.
RequestState& obtain_state(ngx_http_request_t* r);

// The state, but null after an internal redirect: the answer of the place it led to is not the gate's.
RequestState* state_here(ngx_http_request_t* r) noexcept;

}  // namespace auth_gate
