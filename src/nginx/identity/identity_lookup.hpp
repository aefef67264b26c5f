// Learning about a user: from the session's claims, from the zone, or by asking the application.
#pragma once

#include "nginx/gate/request_state.hpp"

#include "core/identity/identity_table.hpp"

namespace auth_gate {

enum class IdentityStatus : std::uint8_t {
    known,         // it is in the context
    waiting,       // return NGX_AGAIN; the phase runs again when there is something new
    unauthorized,  // the application does not know the user
    unavailable,   // it did not say
};

// For a request that has a user. Many requests of one user make one lookup.
IdentityStatus obtain_identity(ngx_http_request_t* r, Context& context, const LocationConf& conf);

// Under what the zone knows the user's identity.
std::uint64_t identity_key(const Context& context, const LocationConf& conf);

// What the zone knows. With Turn::mine it is for the caller to ask_application().
IdentityTable::Found look_up_identity(Context& context, const LocationConf& conf);

// Asks the application in a subrequest. `done` is called at its end with the context, whose identity and lookup say how
// it went; in the background for a request that is long under way.
using LookupDone = void (*)(ngx_http_request_t* main, Context& context) noexcept;
bool ask_application(ngx_http_request_t* r, Context& context, const LocationConf& conf, LookupDone done);

// What a token remembers of the session: its claims, where these are all that is known of a user, and its own MFA.
std::uint8_t notes_of(ngx_http_request_t* r, const Context& context, const LocationConf& conf);

}  // namespace auth_gate
