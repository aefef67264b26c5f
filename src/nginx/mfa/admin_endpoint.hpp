// What the administrators' endpoints have in common. They work in the precontent phase: what they decline goes to the
// application.
#pragma once

#include "nginx/conf/conf.hpp"
#include "nginx/state/state_write.hpp"

namespace auth_gate {

struct RequestState;
class AdminChange;
struct SettingsQuestion;

// A change of settings on its way to the disk.
struct Saving {
    // Throws bad_alloc.
    Saving(ngx_str_t state_path, std::unique_ptr<StateEdit> edit) : write(state_path, std::move(edit)) {}

    StateWrite write;
    Pending<SaveStatus> saved;
};

// One request to an administrators' endpoint.
struct AdminRequest {
    bool body_requested = false;
    SettingsQuestion* question = nullptr;  // what the application's own settings are
    AdminChange* change = nullptr;         // a PUT that has been decided on
};

bool is_get_or_head(ngx_http_request_t* r) noexcept;

// Whether the location has a content handler, such as proxy_pass sets.
bool has_application(ngx_http_request_t* r) noexcept;

// Answers instead of the content phase.
ngx_int_t answer_instead(ngx_http_request_t* r, ngx_uint_t status, std::string_view body);

ngx_int_t refuse_method(ngx_http_request_t* r, std::string_view allowed);

// NGX_OK for an administrator. Otherwise what the handler is to return.
ngx_int_t admit_administrator(ngx_http_request_t* r, RequestState& state, const LocationConf& conf);

// NGX_OK when the body has been read. Otherwise what the handler is to return; nginx calls it again after the body.
ngx_int_t await_body(ngx_http_request_t* r, RequestState& state);

// For a change that was asked for: NGX_OK when it is done. Otherwise what the handler is to return; nginx calls it
// again when there is something new.
ngx_int_t await_saved(ngx_http_request_t* r, RequestState& state, Saving& saving);

}  // namespace auth_gate
