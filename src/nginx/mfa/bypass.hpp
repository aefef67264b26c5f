// auth_gate_mfa_bypass: where requests come from that need no second factor.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include <vector>

namespace auth_gate {

struct LocationConf;

struct MfaBypass {
    ngx_array_t networks{};            // of ngx_cidr_t; nelts 0 also for `off`
    std::vector<ngx_int_t> variables;  // their indexes; the value "1" bypasses
};

// Whether this request needs no second factor in this location. The address is the client's as realip found it; a
// client on a Unix socket has none.
bool bypasses_mfa(ngx_http_request_t* r, const LocationConf& conf) noexcept;

char* set_mfa_bypass(ngx_conf_t* cf, void* conf);

// When all variables are known: refuses those whose value the client chooses. Returns `failed` after logging.
char* check_mfa_bypass(ngx_conf_t* cf, const MfaBypass& bypass);

}  // namespace auth_gate
