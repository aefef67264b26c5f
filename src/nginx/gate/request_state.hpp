// What the gate knows of one request: made when it first looks at it, kept to its end. Each part is defined by the file
// that owns it. A subrequest that is decided by itself has a state of its own.
#pragma once

#include "nginx/conf/conf.hpp"
#include "nginx/gate/canonical_path.hpp"
#include "nginx/gate/credentials.hpp"
#include "nginx/gate/held_refusals.hpp"
#include "nginx/gate/known_user.hpp"
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
enum class Admission : std::uint8_t {
    undecided,
    refused,
    preflight,
    public_path,
    stranger,
    opaque,  // by an application's own key
    jwt,
    token,
    other_module,
};

struct OpenSocket;

struct RequestState {
    explicit RequestState(ngx_http_request_t* r) noexcept : request(r) {}
    ~RequestState();

    ngx_http_request_t* const request;

    bool prepared = false;  // see gate/prepare
    Admission admission = Admission::undecided;
    bool decided = false;          // where the request is, since the last internal redirect
    bool answers_itself = false;   // the response is the gate's own
    bool variable_failed = false;  // for want of memory
    bool before_answer = false;    // of a subrequest that began before the main request's answer did
    bool reads_body = false;       // until nginx's function returns: a body that came with the header is there by then
    Refusal refusal = Refusal::none;

    SentPath path;
    Progress progress;
    LiftedToken lifted_token;
    EarlyJwt* early = nullptr;  // null: no variable has asked for one
    Choice choice;
    Subject subject;  // with has_user()
    IdentityLookup lookup;
    MfaQuestion mfa_question;
    bool mfa_bypassed = false;     // let in without MFA for where it comes from
    bool dry_run_refusal = false;  // a dry run let it through, the policy would not have
    FreshJwt fresh;
    HeldRefusal* held = nullptr;  // null: none was held back
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

// The state of this very request, or null. An internal redirect wipes nginx's own slot; this finds the state anyway.
RequestState* own_state(ngx_http_request_t* r) noexcept;

// The state that counts for this request: its own, or that of the nearest request around it. Null: there is none.
RequestState* find_state(ngx_http_request_t* r) noexcept;

// The request's own state, made where there is none. Throws bad_alloc.
RequestState& obtain_state(ngx_http_request_t* r);

// The main request's state, but null after an internal redirect: the answer of the place it led to is not the gate's.
RequestState* state_here(ngx_http_request_t* r) noexcept;

// Marks the states in the list of things that the pool cleans up.
void destroy_state(void* state) noexcept;

// Calls use(state) for the main request's state and those of its subrequests.
template <typename Use>
void each_state(ngx_http_request_t* r, Use&& use) {
    for (const ngx_pool_cleanup_t* cleanup = r->pool->cleanup; cleanup != nullptr; cleanup = cleanup->next) {
        if (cleanup->handler == destroy_state) {
            use(*static_cast<RequestState*>(cleanup->data));
        }
    }
}

}  // namespace auth_gate
