// How a capability lists its directives. Each entry says by its kind where the directive may stand and how inner blocks
// inherit it; t/directives.t reads the lists and holds each kind to its promise.
#pragma once

#include "nginx/ngx/ngx.hpp"
#include "nginx/ngx/pool_object.hpp"

#include <array>

namespace auth_gate::directive {

// nginx wants names as mutable bytes, which a string literal cannot be in a constant expression.
template <std::size_t N>
struct Name {
    u_char bytes[N]{};

    consteval Name(const char (&text)[N]) noexcept { std::copy(text, text + N, bytes); }  // NOLINT: for literals

    static constexpr std::size_t length = N - 1;
};

template <Name name>
inline constinit Name stored_name = name;

using Setter = char* (*)(ngx_conf_t*, ngx_command_t*, void*);

template <Name name>
consteval ngx_command_t make(ngx_uint_t type, Setter set, ngx_uint_t level, std::size_t member) noexcept {
    return {{name.length, stored_name<name>.bytes}, type, set, level, member, nullptr};
}

// In http only: it counts for all servers.
template <Name name>
consteval ngx_command_t http_only(ngx_uint_t arguments, Setter set) noexcept {
    return make<name>(NGX_HTTP_MAIN_CONF | arguments, set, NGX_HTTP_MAIN_CONF_OFFSET, 0);
}

// In http and server: a server that has none takes over those of http.
template <Name name>
consteval ngx_command_t inherited_by_servers(ngx_uint_t arguments, Setter set) noexcept {
    return make<name>(NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | arguments, set, NGX_HTTP_SRV_CONF_OFFSET, 0);
}

// In http, server and location: a block that has none takes over that of the enclosing block.
template <Name name>
consteval ngx_command_t inherited(ngx_uint_t arguments, Setter set, std::size_t member = 0) noexcept {
    return make<name>(NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF | arguments, set,
                      NGX_HTTP_LOC_CONF_OFFSET, member);
}

// In location only: locations inside do not take it over.
template <Name name>
consteval ngx_command_t location_only(ngx_uint_t arguments, Setter set, std::size_t member = 0) noexcept {
    return make<name>(NGX_HTTP_LOC_CONF | arguments, set, NGX_HTTP_LOC_CONF_OFFSET, member);
}

// The one array that nginx reads, up to the empty command at its end.
template <std::size_t... N>
consteval auto join(const std::array<ngx_command_t, N>&... lists) noexcept {
    std::array<ngx_command_t, (N + ... + 1)> all{};
    auto* end = all.data();
    ((end = std::copy(lists.begin(), lists.end(), end)), ...);
    return all;
}

}  // namespace auth_gate::directive
