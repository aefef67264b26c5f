// $auth_gate_user_id, $auth_gate_jwt and the other variables.
#pragma once

#include "nginx/ngx/ngx.hpp"

namespace auth_gate {

ngx_int_t add_variables(ngx_conf_t* cf) noexcept;

}  // namespace auth_gate
