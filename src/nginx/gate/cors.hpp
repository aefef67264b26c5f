// What the pages of other origins may read (Fetch standard, 3.2): the gate's own answers and refusals, never the
// application's answers.
#pragma once

#include "nginx/ngx/ngx.hpp"

// A module of its own, in front of nginx's headers module: its filter sees what add_header and the application say.
extern "C" __attribute__((visibility("default"))) ngx_module_t ngx_http_auth_gate_cors_module;

namespace auth_gate {

struct LocationConf;

// Precontent phase: answers a preflight of a listed origin where no application would.
ngx_int_t answer_preflight(ngx_http_request_t* r) noexcept;

// Whether auth_gate_cors lists the page's origin. Throws bad_alloc.
bool is_cors_origin(ngx_http_request_t* r, const LocationConf& conf);

}  // namespace auth_gate
