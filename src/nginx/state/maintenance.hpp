// Maintenance of shared memory, once a second: expired tokens are removed, and expired logins are wiped.
#pragma once

#include "nginx/ngx/ngx.hpp"

namespace auth_gate {

// For init_process.
void start_maintenance(ngx_cycle_t* cycle) noexcept;

}  // namespace auth_gate
