#include "nginx/ngx/request_variables.hpp"

#include "nginx/ngx/subrequest.hpp"

#include <algorithm>
#include <cstring>
#include <span>

namespace auth_gate {

namespace {

constexpr std::string_view header_prefixes[] = {"http_", "cookie_"};
constexpr std::string_view other_names[] = {"content_length", "content_type", "remote_user"};

bool shows_header(std::string_view name) noexcept {
    return std::any_of(std::begin(header_prefixes), std::end(header_prefixes),
                       [&](std::string_view prefix) { return name.starts_with(prefix); }) ||
           std::find(std::begin(other_names), std::end(other_names), name) != std::end(other_names);
}

void keep_fresh(ngx_http_variable_t& variable) noexcept {
    if (shows_header(view(variable.name))) {
        variable.flags |= NGX_HTTP_VAR_NOCACHEABLE;
    }
}

// nginx reads the main request's method. A lookup has its own, and fastcgi_param and the like send it by this variable.
ngx_http_get_variable_pt main_method;

ngx_int_t method_of_request(ngx_http_request_t* r, ngx_http_variable_value_t* value, uintptr_t data) noexcept {
    if (!is_inside_lookup(r)) {
        return main_method(r, value, data);
    }
    value->len = static_cast<unsigned>(r->method_name.len & 0x0fffffff);
    value->data = r->method_name.data;
    value->valid = 1;
    value->no_cacheable = 0;
    value->not_found = 0;
    return NGX_OK;
}

void tell_method_of_lookups(ngx_http_variable_t& variable) noexcept {
    if (view(variable.name) == "request_method" && variable.get_handler != method_of_request) {
        main_method = variable.get_handler;
        variable.get_handler = method_of_request;
        variable.flags |= NGX_HTTP_VAR_NOCACHEABLE;
    }
}

}  // namespace

void keep_variables_fresh(ngx_conf_t* cf) noexcept {
    auto* core = static_cast<ngx_http_core_main_conf_t*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module));
    const ngx_array_t& keys = core->variables_keys->keys;
    for (const ngx_hash_key_t& key : std::span(static_cast<ngx_hash_key_t*>(keys.elts), keys.nelts)) {
        auto& variable = *static_cast<ngx_http_variable_t*>(key.value);
        keep_fresh(variable);
        tell_method_of_lookups(variable);
    }
    const ngx_array_t& prefixes = core->prefix_variables;
    for (ngx_http_variable_t& prefix : std::span(static_cast<ngx_http_variable_t*>(prefixes.elts), prefixes.nelts)) {
        keep_fresh(prefix);
    }
}

void separate_variables(ngx_http_request_t* sr) {
    const auto* core = static_cast<ngx_http_core_main_conf_t*>(ngx_http_get_module_main_conf(sr, ngx_http_core_module));
    const std::size_t size = core->variables.nelts * sizeof(ngx_http_variable_value_t);
    void* memory = ngx_palloc(sr->pool, size);
    if (memory == nullptr) {
        throw std::bad_alloc();
    }
    std::memcpy(memory, sr->variables, size);
    sr->variables = static_cast<ngx_http_variable_value_t*>(memory);
}

}  // namespace auth_gate
