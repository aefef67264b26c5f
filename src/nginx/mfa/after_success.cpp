#include "nginx/mfa/after_success.hpp"

#include "nginx/gate/request_state.hpp"
#include "nginx/mfa/settings_write.hpp"
#include "nginx/state/zone.hpp"

namespace auth_gate {

namespace {

ngx_http_output_header_filter_pt next_header_filter;

bool is_success(ngx_http_request_t* r) noexcept {
    return r->headers_out.status >= 200 && r->headers_out.status < 300;
}

void after_answer(ngx_http_request_t* r, RequestState& state) {
    AfterSuccess& after = state.after_success;
    if (after.identity_to_drop != 0 && is_success(r)) {
        state.subject.conf->zone->drop(std::exchange(after.identity_to_drop, 0));
    }
    if (after.settings_to_commit != nullptr) {
        SettingsWriter& writer = *std::exchange(after.settings_to_commit, nullptr);
        if (is_success(r)) {
            commit_after_application(r, state, writer);
        }
    }
}

ngx_int_t header_filter(ngx_http_request_t* r) noexcept {
    // Also after an internal redirect: an application may answer by X-Accel-Redirect.
    RequestState* state = r == r->main ? find_state(r) : nullptr;
    if (state == nullptr) {
        return next_header_filter(r);
    }
    return shielded(r->connection->log, ngx_int_t{NGX_ERROR}, [&]() -> ngx_int_t {
        after_answer(r, *state);
        return next_header_filter(r);
    });
}

}  // namespace

void install_after_success_filter() noexcept {
    next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = header_filter;
}

}  // namespace auth_gate
