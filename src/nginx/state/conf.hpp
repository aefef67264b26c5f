// Shared memory and the state directory: whether what needs them has them.
#pragma once

#include "nginx/ngx/ngx.hpp"

namespace auth_gate {

struct MainConf;

// NGX_ERROR, after logging why, when a directive needs a zone or a state directory that is not configured.
ngx_int_t check_state(ngx_conf_t* cf, MainConf& main);

}  // namespace auth_gate
