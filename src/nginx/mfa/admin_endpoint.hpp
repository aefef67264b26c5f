// What the administrators' endpoints have in common. They work in the precontent phase, so that an application behind
// them still answers what is its own.
#pragma once

#include "nginx/gate/request_state.hpp"

namespace auth_gate {

bool is_get_or_head(ngx_http_request_t* r) noexcept;

// Answers in place of whatever would have come in the content phase.
ngx_int_t answer_instead(ngx_http_request_t* r, ngx_uint_t status, std::string_view body);

ngx_int_t refuse_method(ngx_http_request_t* r, std::string_view allowed);

// NGX_OK for an administrator; otherwise what the handler is to return.
ngx_int_t admit_administrator(ngx_http_request_t* r, Context& context, const LocationConf& conf);

// NGX_OK when the body is there; otherwise what the handler is to return. It is called again when the body has come.
ngx_int_t await_body(ngx_http_request_t* r, Context& context);

}  // namespace auth_gate
