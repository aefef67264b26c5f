// The symbols that nginx looks up when it loads a dynamic module.

#include "nginx/ngx/ngx.hpp"

extern "C" {

__attribute__((visibility("default"))) ngx_module_t* ngx_modules[] = {&ngx_http_auth_gate_module, nullptr};

__attribute__((visibility("default"))) char* ngx_module_names[] = {const_cast<char*>("ngx_http_auth_gate_module"),
                                                                   nullptr};

__attribute__((visibility("default"))) char* ngx_module_order[] = {nullptr};
}
