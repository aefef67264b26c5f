// A change of the settings by an administrator: one PUT, from its body to its answer.
#pragma once

#include "nginx/gate/request_state.hpp"
#include "nginx/mfa/settings_file.hpp"

namespace auth_gate {

// For an administrator's PUT with its body read. Returns what the handler is to return: NGX_DECLINED asks the
// application, which answers for its own settings.
ngx_int_t put_settings(ngx_http_request_t* r, RequestState& state, const LocationConf& conf);

// Commits what put_settings() prepared. For after_success, when the application has answered 2xx.
void commit_after_application(ngx_http_request_t* r, RequestState& state, SettingsWriter& writer);

}  // namespace auth_gate
