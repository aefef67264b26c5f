// Holding a session to the MFA policy.
#pragma once

#include "nginx/gate/request_state.hpp"

namespace auth_gate {

enum class MfaOutcome : std::uint8_t {
    go_on,
    waiting,  // return NGX_AGAIN
    refused,  // for the reason in `refusal`
};

// For a request that has a user.
MfaOutcome enforce_mfa(ngx_http_request_t* r, Context& context, const LocationConf& conf, Refusal& refusal);

// Whether this location holds its users to MFA: always, or by the administrator's switch. Needs the zone.
bool is_mfa_required(const LocationConf& conf) noexcept;

// The location or the list says that a session without MFA is enough.
bool is_mfa_exempt(ngx_http_request_t* r, const LocationConf& conf);

}  // namespace auth_gate
