#include "nginx/gate/request_state.hpp"

#include "nginx/mfa/open_sockets.hpp"

namespace auth_gate {

namespace {

void destroy(void* data) noexcept {
    static_cast<RequestState*>(data)->~RequestState();
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

RequestState* find_state(ngx_http_request_t* r) noexcept {
    r = r->main;
    if (auto* state = static_cast<RequestState*>(ngx_http_get_module_ctx(r, ngx_http_auth_gate_module))) {
        return state;
    }
    for (ngx_pool_cleanup_t* cleanup = r->pool->cleanup; cleanup != nullptr; cleanup = cleanup->next) {
        if (cleanup->handler == destroy) {
            return static_cast<RequestState*>(cleanup->data);
        }
    }
    return nullptr;
}

RequestState& obtain_state(ngx_http_request_t* r) {
    RequestState* state = find_state(r);
    if (state == nullptr) {
        ngx_pool_cleanup_t* cleanup = ngx_pool_cleanup_add(r->main->pool, sizeof(RequestState));
        if (cleanup == nullptr) {
            throw std::bad_alloc();
        }
        state = new (cleanup->data) RequestState();
        cleanup->handler = destroy;
    }
    ngx_http_set_ctx(r->main, state, ngx_http_auth_gate_module);
    return *state;
}

RequestState* state_here(ngx_http_request_t* r) noexcept {
    return r == r->main ? static_cast<RequestState*>(ngx_http_get_module_ctx(r, ngx_http_auth_gate_module)) : nullptr;
}

}  // namespace auth_gate
