// Reading a directive's arguments.
#pragma once

#include "nginx/conf/conf.hpp"

#include <optional>
#include <span>

namespace auth_gate {

std::span<ngx_str_t> arguments(ngx_conf_t* cf) noexcept;

ngx_str_t& directive_name(ngx_conf_t* cf) noexcept;

// Logs the value and what is expected instead; returns `failed`.
char* invalid(ngx_conf_t* cf, ngx_str_t& value, const char* expected) noexcept;

// What a setter returns for a directive that the block already has; nginx logs it with the directive's name.
char* duplicate() noexcept;

Place place(ngx_conf_t* cf) noexcept;

// Whether this can be the name of a purpose or a provider. `name_form` describes such names.
bool is_name(std::string_view text) noexcept;
inline constexpr const char* name_form = "a name of at most 32 letters, digits, \"_\" or \"-\"";

// The text after "name=", or nothing.
std::optional<std::string_view> option(const ngx_str_t& argument, std::string_view name) noexcept;

// The name in "cookie:NAME", or nothing: also when no Cookie header can have that name.
std::optional<std::string_view> cookie_name(std::string_view text) noexcept;

// "on" or "off" as nginx's own flags, in any letter case. Anything else is logged, and is nothing.
std::optional<bool> flag(ngx_conf_t* cf, ngx_str_t& value) noexcept;

// A number above 0, or nothing.
std::optional<std::uint64_t> milliseconds(std::string_view text) noexcept;
std::optional<std::uint32_t> positive(std::string_view text) noexcept;

// nginx's own setter of a complex value, for the URL of a page: a path, an absolute URL, one that begins with a
// variable, or none.
char* set_page_url(ngx_conf_t* cf, ngx_command_t* command, void* conf) noexcept;

// Adds the names in "a,b" to `names`; false when one is empty. Throws bad_alloc.
bool add_names(ngx_conf_t* cf, std::string_view list, ngx_array_t*& names);

// Adds the paths in "METHOD path ..." to `rules`.
char* add_rules(ngx_conf_t* cf, path::Rules*& rules);

// The setters throw only bad_alloc; this is what nginx calls.
template <char* (*set)(ngx_conf_t*, void*)>
char* guarded(ngx_conf_t* cf, ngx_command_t*, void* conf) noexcept {
    return shielded(cf->log, failed, [&] { return set(cf, conf); });
}

}  // namespace auth_gate
