#include "nginx/conf/directive_arguments.hpp"

#include "nginx/ngx/pool_object.hpp"

#include "core/base/ascii.hpp"
#include "core/http/request_traits.hpp"

#include <algorithm>

namespace auth_gate {

std::span<ngx_str_t> arguments(ngx_conf_t* cf) noexcept {
    return {static_cast<ngx_str_t*>(cf->args->elts) + 1, cf->args->nelts - 1};
}

ngx_str_t& directive_name(ngx_conf_t* cf) noexcept {
    return *static_cast<ngx_str_t*>(cf->args->elts);
}

char* invalid(ngx_conf_t* cf, ngx_str_t& value, const char* expected) noexcept {
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid value \"%V\" in \"%V\", expected %s", &value, &directive_name(cf),
                       expected);
    return failed;
}

char* duplicate() noexcept {
    return const_cast<char*>("is duplicate");
}

Place place(ngx_conf_t* cf) noexcept {
    return {cf->conf_file->file.name, cf->conf_file->line};
}

bool is_name(std::string_view text) noexcept {
    constexpr std::size_t longest = 32;
    return !text.empty() && text.size() <= longest &&
           std::all_of(text.begin(), text.end(), [](char c) { return is_alphanumeric(c) || c == '_' || c == '-'; });
}

std::optional<std::string_view> option(const ngx_str_t& argument, std::string_view name) noexcept {
    std::string_view text = view(argument);
    if (!text.starts_with(name) || text.size() <= name.size() || text[name.size()] != '=') {
        return std::nullopt;
    }
    return text.substr(name.size() + 1);
}

std::optional<std::string_view> cookie_name(std::string_view text) noexcept {
    constexpr std::string_view prefix = "cookie:";
    if (!text.starts_with(prefix)) {
        return std::nullopt;
    }
    text.remove_prefix(prefix.size());
    if (text.empty() || text.find_first_of("=;, \t\"\\") != std::string_view::npos) {
        return std::nullopt;
    }
    return text;
}

std::optional<bool> flag(ngx_conf_t* cf, ngx_str_t& value) noexcept {
    const bool on = equal_ignoring_case(view(value), "on");
    if (on || equal_ignoring_case(view(value), "off")) {
        return on;
    }
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid value \"%V\" in \"%V\" directive, it must be \"on\" or \"off\"",
                       &value, &directive_name(cf));
    return std::nullopt;
}

std::optional<std::uint64_t> milliseconds(std::string_view text) noexcept {
    ngx_str_t borrow = borrowed(text);
    const ngx_int_t ms = ngx_parse_time(&borrow, 0);
    if (ms == NGX_ERROR || ms <= 0) {
        return std::nullopt;
    }
    return static_cast<std::uint64_t>(ms);
}

std::optional<std::uint32_t> positive(std::string_view text) noexcept {
    const ngx_int_t n = ngx_atoi(bytes(const_cast<char*>(text.data())), text.size());
    if (n == NGX_ERROR || n <= 0 || n > 0x7fffffff) {
        return std::nullopt;
    }
    return static_cast<std::uint32_t>(n);
}

char* set_page_url(ngx_conf_t* cf, ngx_command_t* command, void* conf) noexcept {
    ngx_str_t& url = arguments(cf)[0];
    const std::string_view text = view(url);
    const bool is_url = text.empty() || text.front() == '/' || text.front() == '$' || text.starts_with("http://") ||
                        text.starts_with("https://");
    return is_url ? ngx_http_set_complex_value_slot(cf, command, conf)
                  : invalid(cf, url, "a path such as \"/login\", or a URL with \"https://\"");
}

bool add_names(ngx_conf_t* cf, std::string_view list, ngx_array_t*& names) {
    if (names == nullptr) {
        names = ngx_array_create(cf->pool, 4, sizeof(ngx_str_t));
        if (names == nullptr) {
            throw std::bad_alloc();
        }
    }
    for (std::size_t begin = 0; begin <= list.size();) {
        const std::size_t end = std::min(list.find(',', begin), list.size());
        if (end == begin) {
            return false;
        }
        auto* name = static_cast<ngx_str_t*>(ngx_array_push(names));
        if (name == nullptr) {
            throw std::bad_alloc();
        }
        *name = borrowed(list.substr(begin, end - begin));
        begin = end + 1;
    }
    return true;
}

char* add_rules(ngx_conf_t* cf, path::Rules*& rules) {
    const std::span<ngx_str_t> args = arguments(cf);
    const std::string_view method = view(args[0]);
    const bool is_method = method == "*" || std::all_of(method.begin(), method.end(),
                                                        [](char c) { return (c >= 'A' && c <= 'Z') || c == '-'; });
    if (method.empty() || !is_method) {
        return invalid(cf, args[0], "a method in capitals, or \"*\"");
    }
    if (rules == nullptr) {
        rules = make<path::Rules>(cf->pool);
    }
    for (ngx_str_t& argument : args.subspan(1)) {
        if (!rules->add(method, view(argument))) {
            return invalid(cf, argument,
                           "a decoded path that begins with \"/\", with \"*\" for a whole segment or at its end");
        }
    }
    return NGX_CONF_OK;
}

}  // namespace auth_gate
