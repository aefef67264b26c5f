// From a chosen credential to the user it stands for.
#pragma once

#include "nginx/gate/stages.hpp"

namespace auth_gate {

// Stage 2: verifies a JWT, or redeems a token; sets the request's subject and admission.
Outcome redeem(ngx_http_request_t* r, const LocationConf& conf, RequestState& state);

}  // namespace auth_gate
