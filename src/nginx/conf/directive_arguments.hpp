// Reading a directive's arguments.
#pragma once

#include "nginx/conf/conf.hpp"

#include <optional>
#include <span>

namespace auth_gate {

inline char* const failed = static_cast<char*>(NGX_CONF_ERROR);

std::span<ngx_str_t> arguments(ngx_conf_t* cf) noexcept;

ngx_str_t& directive_name(ngx_conf_t* cf) noexcept;

// Says what is wrong with a value and what would not be; answers `failed`.
char* invalid(ngx_conf_t* cf, ngx_str_t& value, const char* expected) noexcept;

// What a setter returns for a directive, or a line of a block, that was there before; nginx says it of the directive.
char* duplicate() noexcept;

Place place(ngx_conf_t* cf) noexcept;

// Whether a purpose or a provider can be called so; `name_form` is what to expect otherwise.
bool is_name(std::string_view text) noexcept;
inline constexpr const char* name_form = "a name of at most 32 letters, digits, \"_\" or \"-\"";

// The part behind "name=", or nothing.
std::optional<std::string_view> option(const ngx_str_t& argument, std::string_view name) noexcept;

// The cookie's name in "cookie:NAME", or nothing: also for a name that no Cookie header can have.
std::optional<std::string_view> cookie_name(std::string_view text) noexcept;

// More than 0. Nothing for any other text.
std::optional<std::uint64_t> milliseconds(std::string_view text) noexcept;
std::optional<std::uint32_t> positive(std::string_view text) noexcept;

// The setters throw only bad_alloc; this is what nginx calls.
template <char* (*set)(ngx_conf_t*, void*)>
char* guarded(ngx_conf_t* cf, ngx_command_t*, void* conf) noexcept {
    return shielded(cf->log, failed, [&] { return set(cf, conf); });
}

}  // namespace auth_gate
