// The setters of the directives about MFA, for the table in directives.cpp.
#pragma once

#include "nginx/conf/conf.hpp"

namespace auth_gate {

char* set_identity(ngx_conf_t* cf, void* conf);
char* set_mfa(ngx_conf_t* cf, void* conf);

}  // namespace auth_gate
