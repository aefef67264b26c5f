#include "nginx/mfa/bypass.hpp"

#include "nginx/conf/directive_arguments.hpp"
#include "nginx/ngx/pool_object.hpp"

#include "core/base/ascii.hpp"

#include <algorithm>

namespace auth_gate {

namespace {

constexpr const char* expected = "an address, a network such as 192.0.2.0/24, a variable, or \"off\" alone";

bool is_word(std::string_view text) noexcept {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return is_alphanumeric(c) || c == '_'; });
}

// The name in "$name" or "${name}". Empty for a text that is more than one variable, and for "$1".
std::string_view variable_name(std::string_view text) noexcept {
    text.remove_prefix(1);
    if (text.starts_with('{') && text.ends_with('}')) {
        text = text.substr(1, text.size() - 2);
    }
    return is_word(text) && !is_digit(text.front()) ? text : std::string_view{};
}

char* add_variable(ngx_conf_t* cf, ngx_str_t& argument, MfaBypass& bypass) {
    const std::string_view text = variable_name(view(argument));
    if (text.empty()) {
        return invalid(cf, argument, expected);
    }
    ngx_str_t name = borrowed(text);
    const ngx_int_t index = ngx_http_get_variable_index(cf, &name);
    if (index == NGX_ERROR) {
        return failed;
    }
    bypass.variables.push_back(index);
    return NGX_CONF_OK;
}

// nginx compares the address of a client in ::ffff:0:0/96 as the IPv4 address that it is.
void unmap(ngx_cidr_t& network) noexcept {
#if (NGX_HAVE_INET6)
    constexpr std::size_t before_ipv4 = 12;
    auto& ip6 = network.u.in6;
    const bool in_mapped_range =
        network.family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&ip6.addr) &&
        std::all_of(ip6.mask.s6_addr, ip6.mask.s6_addr + before_ipv4, [](std::uint8_t byte) { return byte == 0xff; });
    if (in_mapped_range) {
        ngx_in_cidr_t ip4{};
        std::memcpy(&ip4.addr, ip6.addr.s6_addr + before_ipv4, sizeof(ip4.addr));
        std::memcpy(&ip4.mask, ip6.mask.s6_addr + before_ipv4, sizeof(ip4.mask));
        network.family = AF_INET;
        network.u.in = ip4;
    }
#endif
}

char* add_network(ngx_conf_t* cf, ngx_str_t& argument, MfaBypass& bypass) {
    ngx_cidr_t network{};
    const ngx_int_t rc = ngx_ptocidr(&argument, &network);
    if (rc == NGX_ERROR) {
        return invalid(cf, argument, expected);
    }
    if (rc == NGX_DONE) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0, "low address bits of \"%V\" are meaningless", &argument);
    }
    unmap(network);
    if (bypass.networks.elts == nullptr &&
        ngx_array_init(&bypass.networks, cf->pool, 4, sizeof(ngx_cidr_t)) != NGX_OK) {
        throw std::bad_alloc();
    }
    auto* place = static_cast<ngx_cidr_t*>(ngx_array_push(&bypass.networks));
    if (place == nullptr) {
        throw std::bad_alloc();
    }
    *place = network;
    return NGX_CONF_OK;
}

ngx_http_core_main_conf_t& core_main_conf(ngx_conf_t* cf) noexcept {
    return *static_cast<ngx_http_core_main_conf_t*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module));
}

// Of the referer, browser and TLS modules: they look like variables of map, geo and set.
constexpr std::string_view other_own[] = {"ancient_browser", "invalid_referer", "modern_browser", "msie"};
constexpr std::string_view other_own_prefix = "ssl_";

// $http_x is the client's header also where `set $http_x` stands somewhere.
bool is_of_family(ngx_conf_t* cf, std::string_view name) {
    const ngx_array_t& prefixes = core_main_conf(cf).prefix_variables;
    const std::span families(static_cast<const ngx_http_variable_t*>(prefixes.elts), prefixes.nelts);
    return std::any_of(families.begin(), families.end(),
                       [&](const ngx_http_variable_t& family) { return name.starts_with(view(family.name)); });
}

// A name that nobody has defined is nginx's to complain about.
bool is_nginx_variable(ngx_conf_t* cf, std::string_view name) {
    const ngx_array_t& keys = core_main_conf(cf).variables_keys->keys;
    const std::span all(static_cast<const ngx_hash_key_t*>(keys.elts), keys.nelts);
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const ngx_hash_key_t& key) { return view(key.key) == name; });
    if (found == all.end()) {
        return false;
    }
    const auto& variable = *static_cast<const ngx_http_variable_t*>(found->value);
    return (variable.flags & NGX_HTTP_VAR_CHANGEABLE) == 0 || variable.set_handler != nullptr ||
           name.starts_with(other_own_prefix) ||
           std::find(std::begin(other_own), std::end(other_own), name) != std::end(other_own);
}

// The values of nginx's own variables are the client's word, or say nothing of where it is.
bool is_of_nginx(ngx_conf_t* cf, std::string_view name) {
    return is_of_family(cf, name) || is_nginx_variable(cf, name);
}

bool is_one(ngx_http_request_t* r, ngx_int_t index) noexcept {
    const ngx_http_variable_value_t* value = ngx_http_get_flushed_variable(r, static_cast<ngx_uint_t>(index));
    return value != nullptr && value->not_found == 0 && value->len == 1 && value->data[0] == '1';
}

}  // namespace

bool bypasses_mfa(ngx_http_request_t* r, const LocationConf& conf) noexcept {
    const MfaBypass* bypass = conf.mfa.bypass;
    if (bypass == nullptr) {
        return false;
    }
    auto* networks = const_cast<ngx_array_t*>(&bypass->networks);
    return (networks->nelts != 0 && ngx_cidr_match(r->connection->sockaddr, networks) == NGX_OK) ||
           std::any_of(bypass->variables.begin(), bypass->variables.end(),
                       [&](ngx_int_t index) { return is_one(r, index); });
}

char* check_mfa_bypass(ngx_conf_t* cf, const MfaBypass& bypass) {
    const auto* variables = static_cast<const ngx_http_variable_t*>(core_main_conf(cf).variables.elts);
    for (const ngx_int_t index : bypass.variables) {
        const ngx_str_t& name = variables[index].name;
        if (is_of_nginx(cf, view(name))) {
            ngx_conf_log_error(
                NGX_LOG_EMERG, cf, 0,
                "\"auth_gate_mfa_bypass\" takes no variable of nginx's own such as \"$%V\", only those that "
                "the configuration makes, by map, geo or set",
                &name);
            return failed;
        }
    }
    return NGX_CONF_OK;
}

char* set_mfa_bypass(ngx_conf_t* cf, void* conf) {
    MfaConf& mfa = static_cast<LocationConf*>(conf)->mfa;
    if (mfa.bypass != nullptr) {
        return duplicate();
    }
    mfa.bypass = make<MfaBypass>(cf->pool);
    const std::span<ngx_str_t> args = arguments(cf);
    if (args.size() == 1 && view(args[0]) == "off") {
        return NGX_CONF_OK;
    }
    for (ngx_str_t& argument : args) {
        char* rc = view(argument).starts_with('$') ? add_variable(cf, argument, *mfa.bypass)
                                                   : add_network(cf, argument, *mfa.bypass);
        if (rc != NGX_CONF_OK) {
            return rc;
        }
    }
    return NGX_CONF_OK;
}

}  // namespace auth_gate
