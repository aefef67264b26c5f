// The files that administrators' settings are kept in are what all masters, zones and workers share. Each process looks
// several times a second whether they have changed, and takes them into its shared memory.
#pragma once

#include "nginx/ngx/ngx.hpp"

namespace auth_gate {

// Looks at the settings of MFA and of OpenID providers. For init_process.
void start_state_watch(ngx_cycle_t* cycle) noexcept;

// Take a file into shared memory that this process has replaced. False, after logging why, when that fails.
bool reread_settings() noexcept;
bool reread_oidc_settings() noexcept;

}  // namespace auth_gate
