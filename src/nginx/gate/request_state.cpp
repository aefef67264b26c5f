#include "nginx/gate/request_state.hpp"

#include "nginx/mfa/open_sockets.hpp"
#include "nginx/state/zone.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace auth_gate {

namespace {

void destroy(void* data) noexcept {
    static_cast<Context*>(data)->~Context();
}

// The line may be cut anywhere, also within the JWT.
void cover(std::span<u_char> line, std::string_view jwt) noexcept {
    const std::string_view text(chars(line.data()), line.size());
    for (std::size_t at = text.find("eyJ"); at != std::string_view::npos; at = text.find("eyJ", at + 1)) {
        const std::string_view rest = text.substr(at, jwt.size());
        if (rest == jwt.substr(0, rest.size())) {
            std::fill_n(line.begin() + static_cast<std::ptrdiff_t>(at), rest.size(), '*');
        }
    }
}

// nginx says in a log line what URL it asked of an upstream, or could not make sense of; a fresh JWT may be in it.
// Called for the line's tail, it covers the whole line: that stands in a buffer of NGX_MAX_ERROR_STR bytes, of which
// `size` are left.
u_char* log_without_jwt(ngx_http_request_t* r, ngx_http_request_t* current, u_char* buffer, size_t size) noexcept {
    const Context* context = find_context(r);
    if (context == nullptr || context->log_handler == nullptr) {
        return buffer;
    }
    u_char* end = context->log_handler(r, current, buffer, size);

    const std::span<u_char> line(buffer + size - NGX_MAX_ERROR_STR, end);
    cover(line, view(context->fresh_jwt));
    for (const ngx_str_t& jwt : context->former_jwts) {
        cover(line, view(jwt));
    }
    return end;
}

}  // namespace

// A lookup that ends with its request is for the next one to make.
Context::~Context() {
    if (lookup == LookupState::asking) {
        conf->zone->give_up(identity_key, lookup_ticket);
    }
    if (socket != nullptr) {
        forget_socket(*socket);
    }
}

void Context::forget_user() {
    if (fresh_jwt.len != 0) {
        former_jwts.push_back(fresh_jwt);
        fresh_jwt = ngx_null_string;
    }
    ask_only(nullptr);
    session = nullptr;
}

void Context::ask_only(const IdentitySource* source) noexcept {
    if (std::exchange(identity_source, source) != source) {
        identity.reset();
        lookup = LookupState::none;
    }
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

ngx_str_t fresh_jwt(ngx_http_request_t* r, Context& context) {
    if (!context.has_user()) {
        return ngx_null_string;
    }
    if (context.fresh_jwt.len == 0) {
        const LocationConf& conf = *context.conf;
        const std::int64_t now = ngx_time();
        std::int64_t exp = now + conf.jwt.upstream_ttl;
        if (context.session_exp && *context.session_exp < static_cast<double>(exp)) {
            exp = static_cast<std::int64_t>(std::ceil(*context.session_exp));
        }
        context.fresh_jwt =
            copy(r->main->pool, main_conf(r)->signer->sign(context.user(), view(conf.jwt.user_claim), now, exp,
                                                           conf.jwt.keys->keys.front(), conf.jwt.verifier_id));
        if (context.log_handler == nullptr) {
            context.log_handler = std::exchange(r->main->log_handler, log_without_jwt);
        }
    }
    return context.fresh_jwt;
}

}  // namespace auth_gate
