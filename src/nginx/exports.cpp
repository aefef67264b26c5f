// The symbols that nginx looks up when it loads a dynamic module.

#include "nginx/gate/cors.hpp"
#include "nginx/ngx/ngx.hpp"

extern "C" {

__attribute__((visibility("default")))
ngx_module_t* ngx_modules[] = {&ngx_http_auth_gate_module, &ngx_http_auth_gate_cors_module, nullptr};

__attribute__((visibility("default"))) char* ngx_module_names[] = {
    const_cast<char*>("ngx_http_auth_gate_module"), const_cast<char*>("ngx_http_auth_gate_cors_module"), nullptr};

// The filter of the first one runs behind that of the second one: nginx installs filters in this order.
__attribute__((visibility("default"))) char* ngx_module_order[] = {
    const_cast<char*>("ngx_http_auth_gate_cors_module"), const_cast<char*>("ngx_http_headers_filter_module"), nullptr};
}
