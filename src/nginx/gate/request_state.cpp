#include "nginx/gate/request_state.hpp"

#include "nginx/mfa/open_sockets.hpp"

namespace auth_gate {

namespace {

void destroy(void* data) noexcept {
    static_cast<Context*>(data)->~Context();
}

}  // namespace

Context::~Context() {
    if (socket != nullptr) {
        forget_socket(*socket);
    }
}

void Context::forget_user() {
    fresh.retire();
    lookup.ask_only(nullptr);
    subject.session = nullptr;
}

Context* find_context(ngx_http_request_t* r) noexcept {
    r = r->main;
    if (auto* context = static_cast<Context*>(ngx_http_get_module_ctx(r, ngx_http_auth_gate_module))) {
        return context;
    }
    for (ngx_pool_cleanup_t* cleanup = r->pool->cleanup; cleanup != nullptr; cleanup = cleanup->next) {
        if (cleanup->handler == destroy) {
            return static_cast<Context*>(cleanup->data);
        }
    }
    return nullptr;
}

Context& obtain_context(ngx_http_request_t* r) {
    Context* context = find_context(r);
    if (context == nullptr) {
        ngx_pool_cleanup_t* cleanup = ngx_pool_cleanup_add(r->main->pool, sizeof(Context));
        if (cleanup == nullptr) {
            throw std::bad_alloc();
        }
        context = new (cleanup->data) Context();
        cleanup->handler = destroy;
    }
    ngx_http_set_ctx(r->main, context, ngx_http_auth_gate_module);
    return *context;
}

Context* context_here(ngx_http_request_t* r) noexcept {
    return r == r->main ? static_cast<Context*>(ngx_http_get_module_ctx(r, ngx_http_auth_gate_module)) : nullptr;
}

}  // namespace auth_gate
