// What is done in shared memory once a second: room is made, and what has expired is wiped.
#pragma once

#include "nginx/ngx/ngx.hpp"

namespace auth_gate {

// Starts the timer in this process.
void start_clean_up(ngx_cycle_t* cycle) noexcept;

}  // namespace auth_gate
