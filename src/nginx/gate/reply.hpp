// How a refusal reaches the client: as nginx's own status, so that error_page and satisfy work as they
// always do, and where nothing replaces it, with the contract's body instead of nginx's page.
#pragma once

#include "nginx/gate/request_state.hpp"

namespace auth_gate {

// What the access handler returns for a refusal.
ngx_int_t refuse(ngx_http_request_t* r, Context& context, Refusal refusal);

// Answers from a content handler: a status with a JSON body that nobody caches.
ngx_int_t send_json(ngx_http_request_t* r, ngx_uint_t status, std::string_view body);

ngx_int_t send_text(ngx_http_request_t* r, ngx_uint_t status, std::string_view type, std::string_view body);

// Puts the filters that write refusals in front of nginx's.
void install_answer_filters() noexcept;

}  // namespace auth_gate
