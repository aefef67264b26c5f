// Learning about a user: from the session's claims, from the zone, or by asking the application.
#pragma once

#include "nginx/conf/conf.hpp"

#include "core/base/pending.hpp"
#include "core/identity/identity.hpp"
#include "core/identity/identity_table.hpp"
#include "core/token/session_facts.hpp"

namespace auth_gate {

struct RequestState;
class WakeTimer;

enum class IdentityStatus : std::uint8_t {
    known,
    unauthorized,  // the application does not know the user
    unavailable,   // it did not say
};

struct IdentityAnswer {
    IdentityStatus status = IdentityStatus::unavailable;
    Identity identity;  // when known
};

// What was learnt of the request's user, and from whom.
struct IdentityLookup {
    Pending<IdentityAnswer> answer;
    const IdentitySource* source = nullptr;
    IdentityKey key = IdentityKey::none;  // in the zone's table
    std::uint64_t deadline_ms = 0;        // until when another request's lookup is waited for; 0: none is
    WakeTimer* timer = nullptr;           // made when it is first needed
    bool asked_itself = false;            // the answer is, or will be, to a question of this very request

    // Null as long as it is not known.
    const Identity* identity() const noexcept;

    // Takes over what the other one has learnt, unless this one has begun.
    void reuse(const IdentityLookup& other);

    // An answer of another source does not count as one of this source.
    void ask_only(const IdentitySource* wanted) noexcept;

    void forget() noexcept;
};

// For a request that has a user: the answer, ready, or asked for. Many requests of one user make one lookup. While it
// is not ready, the handler returns NGX_AGAIN, and nginx calls it again when there is something new. Throws bad_alloc.
const Pending<IdentityAnswer>& obtain_identity(ngx_http_request_t* r, const LocationConf& conf, RequestState& state);

// The same, from the application itself: an answer that was given before this request came does not count.
const Pending<IdentityAnswer>& obtain_fresh_identity(ngx_http_request_t* r, const LocationConf& conf,
                                                     RequestState& state);

// Asks the zone, and on its word the application: in a subrequest in the background, as for a request that is long
// under way. `answer` stays idle while another request asks. Throws bad_alloc.
void ask_in_background(ngx_http_request_t* r, const LocationConf& conf, RequestState& state);

}  // namespace auth_gate
