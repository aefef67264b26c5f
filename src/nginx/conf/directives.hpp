// The directives: what each may be given, and what nginx -t says when it is given something else.
#pragma once

#include "nginx/ngx/ngx.hpp"

namespace auth_gate {

extern ngx_command_t directives[];

}  // namespace auth_gate
