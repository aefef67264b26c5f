// Holding a session to the MFA policy.
#pragma once

#include "nginx/gate/stages.hpp"

namespace auth_gate {

// Stage 3: asks the application about a session that wants a token, where that is configured, and learns whether the
// user has MFA, where the policy depends on it.
Outcome identify(ngx_http_request_t* r, const LocationConf& conf, RequestState& state);

// Stage 4: refuses a user without MFA who needs it.
Outcome enforce_mfa(ngx_http_request_t* r, const LocationConf& conf, RequestState& state);

// Whether this location holds its users to MFA: always, or by the administrator's switch. Needs the zone.
bool is_mfa_required(const LocationConf& conf) noexcept;

}  // namespace auth_gate
