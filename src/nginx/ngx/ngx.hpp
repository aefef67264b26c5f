// The bridge to nginx: its headers, and conversions between its types and ours. The module uses reinterpret_cast only
// here (the core has bytes.hpp).
#pragma once

extern "C" {
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
}

#include <algorithm>
#include <exception>
#include <initializer_list>
#include <new>
#include <string_view>
#include <type_traits>
#include <utility>

extern "C" __attribute__((visibility("default"))) ngx_module_t ngx_http_auth_gate_module;

namespace auth_gate {

inline std::string_view view(const ngx_str_t& s) noexcept {
    return {reinterpret_cast<const char*>(s.data), s.len};
}

// A view, for functions of nginx that do not modify the string. Has no terminating NUL.
inline ngx_str_t borrowed(std::string_view s) noexcept {
    return {s.size(), reinterpret_cast<u_char*>(const_cast<char*>(s.data()))};
}

inline char* chars(u_char* p) noexcept {
    return reinterpret_cast<char*>(p);
}

inline u_char* bytes(char* p) noexcept {
    return reinterpret_cast<u_char*>(p);
}

// Concatenates texts in pool memory, and adds a NUL that `len` does not count. Throws bad_alloc.
inline ngx_str_t join(ngx_pool_t* pool, std::initializer_list<std::string_view> texts) {
    std::size_t size = 0;
    for (const std::string_view text : texts) {
        size += text.size();
    }
    auto* data = static_cast<u_char*>(ngx_pnalloc(pool, size + 1));
    if (data == nullptr) {
        throw std::bad_alloc();
    }
    u_char* end = data;
    for (const std::string_view text : texts) {
        end = bytes(std::copy(text.begin(), text.end(), chars(end)));
    }
    *end = '\0';
    return {size, data};
}

// Throws bad_alloc.
inline ngx_str_t copy(ngx_pool_t* pool, std::string_view s) {
    return join(pool, {s});
}

// An object in pool memory, destroyed with the pool. Throws bad_alloc.
template <typename T, typename... Args>
T* make(ngx_pool_t* pool, Args&&... args) {
    ngx_pool_cleanup_t* cleanup = ngx_pool_cleanup_add(pool, sizeof(T));
    if (cleanup == nullptr) {
        throw std::bad_alloc();
    }
    T* object = new (cleanup->data) T(std::forward<Args>(args)...);
    cleanup->handler = [](void* data) { static_cast<T*>(data)->~T(); };
    return object;
}

// Logs the exception that is being handled.
inline void log_exception(ngx_log_t* log) noexcept {
    try {
        throw;
    } catch (const std::bad_alloc&) {
        ngx_log_error(NGX_LOG_CRIT, log, 0, "auth_gate: handling failed: out of memory");
    } catch (const std::exception& e) {
        ngx_log_error(NGX_LOG_CRIT, log, 0, "auth_gate: handling failed: %s", e.what());
    } catch (...) {
        ngx_log_error(NGX_LOG_CRIT, log, 0, "auth_gate: handling failed: unknown exception");
    }
}

// Runs a callback of nginx. Any exception is logged, and `refusing` is returned.
template <typename F>
auto shielded(ngx_log_t* log, std::invoke_result_t<F> refusing, F&& f) noexcept -> std::invoke_result_t<F> {
    try {
        return f();
    } catch (...) {
        log_exception(log);
        return refusing;
    }
}

}  // namespace auth_gate
