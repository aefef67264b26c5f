#include "nginx/oidc/provider_user.hpp"

#include "nginx/conf/conf.hpp"
#include "nginx/conf/directive_arguments.hpp"
#include "nginx/oidc/claim_variable.hpp"

#include "core/base/ascii.hpp"
#include "core/oidc/tenant.hpp"

#include <algorithm>
#include <utility>

namespace auth_gate {

namespace {

constexpr const char* user_id_form =
    "claim=name or the URI of a location, or $variable; type=integer or type=string for a claim or variable, and "
    "method=GET and id=path for a location";

std::optional<oidc::UserIdType> type_named(std::string_view name) noexcept {
    if (name == "integer") {
        return oidc::UserIdType::integer;
    }
    return name == "string" ? std::optional(oidc::UserIdType::string) : std::nullopt;
}

// One variable alone, as $name or ${name}. Empty for anything else.
std::string_view variable_named(std::string_view text) noexcept {
    if (!text.starts_with('$')) {
        return {};
    }
    text.remove_prefix(1);
    if (text.starts_with('{') && text.ends_with('}')) {
        text = text.substr(1, text.size() - 2);
    }
    const bool is_name = std::all_of(text.begin(), text.end(), [](char c) { return is_alphanumeric(c) || c == '_'; });
    return is_name && !text.empty() && !is_digit(text.front()) ? text : std::string_view();
}

bool set_source(ngx_conf_t* cf, OidcUserId& id, ngx_str_t& value) {
    if (const auto claim = option(value, "claim"); claim && is_path(*claim)) {
        id.claim = *claim;
    } else if (const std::string_view name = variable_named(view(value)); !name.empty()) {
        id.variable = lowered(name);
        id.variable_place = place(cf);
    } else if (view(value).starts_with('/')) {
        id.uri = value;
    }
    return id.is_set();
}

bool set_option(OidcUserId& id, ngx_str_t& argument) {
    if (id.uri.len == 0) {
        const auto type = option(argument, "type");
        const auto known = type ? type_named(*type) : std::nullopt;
        const bool is_first = id.type == oidc::UserIdType::own;
        id.type = known.value_or(id.type);
        return known.has_value() && is_first;
    }
    if (const auto path = option(argument, "id"); path && is_path(*path)) {
        id.path = *path;
        return true;
    }
    if (const auto method = option(argument, "method"); method && (*method == "GET" || *method == "POST")) {
        id.by_get = *method == "GET";
        return true;
    }
    return false;
}

// Whether the variable follows from the claims, as far as its name tells. What nginx and its modules know of a request
// by themselves never does. What the configuration computes (map, js_set) may.
bool may_name_user(ngx_conf_t* cf, std::string_view name) noexcept {
    if (is_claim_variable(name)) {
        return true;
    }
    auto* core = static_cast<ngx_http_core_main_conf_t*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module));
    const ngx_array_t& keys = core->variables_keys->keys;
    const auto configured =
        std::span(static_cast<ngx_hash_key_t*>(keys.elts), keys.nelts).subspan(main_conf(cf)->builtin_variables);
    return name != "invalid_referer" &&  // of valid_referers
           std::any_of(configured.begin(), configured.end(), [name](const ngx_hash_key_t& key) {
               const auto& variable = *static_cast<const ngx_http_variable_t*>(key.value);
               return view(variable.name) == name && (variable.flags & NGX_HTTP_VAR_CHANGEABLE) != 0;
           });
}

}  // namespace

char* set_user_id(ngx_conf_t* cf, OidcProvider& provider, std::span<ngx_str_t> args) {
    if (provider.user_id.is_set()) {
        return duplicate();
    }
    if (!set_source(cf, provider.user_id, args[0])) {
        return invalid(cf, args[0], user_id_form);
    }
    for (ngx_str_t& argument : args.subspan(1)) {
        if (!set_option(provider.user_id, argument)) {
            return invalid(cf, argument, user_id_form);
        }
    }
    return NGX_CONF_OK;
}

char* set_email_verified(ngx_conf_t* cf, OidcProvider& provider, ngx_str_t& value) {
    if (view(value) != "assume") {
        return invalid(cf, value, "\"assume\"");
    }
    return std::exchange(provider.assumes_email_verified, true) ? duplicate() : NGX_CONF_OK;
}

char* add_requirements(ngx_conf_t* cf, OidcProvider& provider, std::span<ngx_str_t> args) {
    for (ngx_str_t& arg : args) {
        if (!provider.requirements.add(view(arg))) {
            return invalid(cf, arg, "claim or claim=value");
        }
        provider.requires_email |= view(arg).substr(0, view(arg).find('=')) == "email";
    }
    return NGX_CONF_OK;
}

char* add_tenants(ngx_conf_t* cf, OidcProvider& provider, std::span<ngx_str_t> args) {
    for (ngx_str_t& arg : args) {
        if (!oidc::is_tenant(view(arg))) {
            return invalid(cf, arg, "a tenant's id");
        }
        provider.tenants.emplace_back(view(arg));
    }
    return NGX_CONF_OK;
}

char* add_session_claims(ngx_conf_t* cf, OidcProvider& provider, std::span<ngx_str_t> args) {
    for (ngx_str_t& arg : args) {
        const std::size_t equals = std::min(view(arg).find('='), arg.len);
        const std::string_view name = view(arg).substr(0, equals);
        const std::string_view path = view(arg).substr(std::min(equals + 1, arg.len));
        if (!oidc::SessionClaims::may_be_named(name) || !is_path(path)) {
            return invalid(cf, arg, "name=path, where the name is not exp, iat, nbf, purpose, id or sub");
        }
        if (!provider.session_claims.add(name, path)) {
            return duplicate();
        }
    }
    return NGX_CONF_OK;
}

ngx_int_t find_user_variable(ngx_conf_t* cf, OidcProvider& provider) {
    OidcUserId& id = provider.user_id;
    if (id.variable.empty()) {
        return NGX_OK;
    }
    ngx_str_t name = borrowed(id.variable);
    if (!may_name_user(cf, id.variable)) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"user_id $%V\" does not follow from the provider's claims: use $auth_gate_oidc_claim_NAME or "
                      "a map of it, in %V:%ui",
                      &name, &id.variable_place.file, id.variable_place.line);
        return NGX_ERROR;
    }
    id.variable_index = ngx_http_get_variable_index(cf, &name);
    return id.variable_index == NGX_ERROR ? NGX_ERROR : NGX_OK;
}

}  // namespace auth_gate
