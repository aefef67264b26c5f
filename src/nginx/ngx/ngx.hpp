// The bridge to nginx: its headers, and conversions between its types and ours. The module uses reinterpret_cast only
// here (the core has bytes.hpp).
#pragma once

extern "C" {
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
}

#include "core/base/exception_text.hpp"

#include <algorithm>
#include <cstdint>
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

// Refers to the text without a copy. For nginx functions that only read it.
inline ngx_str_t borrowed(std::string_view s) noexcept {
    return {s.size(), reinterpret_cast<u_char*>(const_cast<char*>(s.data()))};
}

inline char* chars(u_char* p) noexcept {
    return reinterpret_cast<char*>(p);
}

inline u_char* bytes(char* p) noexcept {
    return reinterpret_cast<u_char*>(p);
}

// Copies the texts into the pool, one after the other, and adds a NUL. Throws bad_alloc.
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

// Runs the body of a function that nginx calls. An exception is logged, and `refusing` is the answer.
template <typename F>
auto shielded(ngx_log_t* log, std::invoke_result_t<F> refusing, F&& f) noexcept -> std::invoke_result_t<F> {
    try {
        return f();
    } catch (...) {
        ngx_log_error(NGX_LOG_CRIT, log, 0, "auth_gate: handling failed: %s", exception_text());
        return refusing;
    }
}

}  // namespace auth_gate
