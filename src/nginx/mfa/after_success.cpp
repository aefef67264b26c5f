#include "nginx/mfa/after_success.hpp"

#include "nginx/gate/request_state.hpp"
#include "nginx/ngx/forward.hpp"
#include "nginx/ngx/headers.hpp"
#include "nginx/state/zone.hpp"

namespace auth_gate {

namespace {

ngx_http_output_header_filter_pt next_header_filter;

void after_answer(ngx_http_request_t* r, RequestState& state) {
    AfterSuccess after = std::exchange(state.after_success, {});
    if ((after.accounts_to_drop.empty() && !after.may_outdate_jwt) || !is_success(application_status(r))) {
        return;
    }
    for (const AccountKey account : after.accounts_to_drop) {
        state.subject.conf->zone->drop(account);
    }
    if (after.may_outdate_jwt) {
        tell_to_refresh(r);
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

void tell_to_refresh(ngx_http_request_t* r) {
    add_response_header(r, "Auth-Gate", "refresh");
}

void install_after_success_filter() noexcept {
    next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = header_filter;
}

}  // namespace auth_gate
