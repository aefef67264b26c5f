#include "nginx/gate/request_state.hpp"

#include "nginx/mfa/open_sockets.hpp"

namespace auth_gate {

namespace {

// What a subrequest knows of its main request, to decide by itself.
void begin_within(const RequestState& main, RequestState& state) {
    state.variable_failed = main.variable_failed;
    // What stands in the headers now is the gate's own.
    state.lifted_token.replaces_credentials = main.lifted_token.replaces_credentials;
    if (main.admission == Admission::token) {
        state.admission = Admission::token;
        state.subject = main.subject;
    }
}

}  // namespace

RequestState::~RequestState() {
    if (socket != nullptr) {
        forget_socket(*socket);
    }
}

void RequestState::forget_user() {
    fresh.retire();
    lookup.ask_only(nullptr);
    subject.session = nullptr;
}

RequestState* own_state(ngx_http_request_t* r) noexcept {
    if (auto* state = static_cast<RequestState*>(ngx_http_get_module_ctx(r, ngx_http_auth_gate_module))) {
        return state;
    }
    // Subrequests share the main request's pool.
    RequestState* found = nullptr;
    each_state(r, [&](RequestState& state) { found = state.request == r ? &state : found; });
    return found;
}

RequestState* find_state(ngx_http_request_t* r) noexcept {
    RequestState* state = own_state(r);
    while (state == nullptr && r != r->main) {
        r = r->parent;
        state = own_state(r);
    }
    return state;
}

RequestState& obtain_state(ngx_http_request_t* r) {
    if (auto* here = static_cast<RequestState*>(ngx_http_get_module_ctx(r, ngx_http_auth_gate_module))) {
        return *here;
    }
    RequestState* state = own_state(r);
    if (state != nullptr) {
        state->refusal = Refusal::none;  // was answered before the redirect that led here
    } else {
        ngx_pool_cleanup_t* cleanup = ngx_pool_cleanup_add(r->pool, sizeof(RequestState));
        if (cleanup == nullptr) {
            throw std::bad_alloc();
        }
        state = new (cleanup->data) RequestState(r);
        cleanup->handler = destroy_state;
        state->before_answer = r != r->main && r->main->header_sent == 0;
        if (const RequestState* main = r != r->main ? own_state(r->main) : nullptr) {
            begin_within(*main, *state);
        }
    }
    state->decided = false;
    ngx_http_set_ctx(r, state, ngx_http_auth_gate_module);
    return *state;
}

RequestState* state_here(ngx_http_request_t* r) noexcept {
    return r == r->main ? static_cast<RequestState*>(ngx_http_get_module_ctx(r, ngx_http_auth_gate_module)) : nullptr;
}

void destroy_state(void* state) noexcept {
    static_cast<RequestState*>(state)->~RequestState();
}

}  // namespace auth_gate
