#include "nginx/mfa/directives.hpp"

#include "nginx/conf/directive_arguments.hpp"
#include "nginx/ngx/pool_object.hpp"

#include <algorithm>

namespace auth_gate {

namespace {

struct NamedMode {
    std::string_view name;
    MfaMode mode;
};

constexpr NamedMode mfa_modes[] = {
    {"off", MfaMode::off}, {"policy", MfaMode::policy}, {"always", MfaMode::always}, {"exempt", MfaMode::exempt}};

}  // namespace

char* set_mfa(ngx_conf_t* cf, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    if (location.mfa.raw_mode != NGX_CONF_UNSET_UINT) {
        return duplicate();
    }
    const std::span<ngx_str_t> args = arguments(cf);
    const auto* found = std::find_if(std::begin(mfa_modes), std::end(mfa_modes),
                                     [&](const NamedMode& named) { return named.name == view(args[0]); });
    if (found == std::end(mfa_modes)) {
        return invalid(cf, args[0], "\"off\", \"policy\", \"always\" or \"exempt\"");
    }
    location.mfa.raw_mode = static_cast<ngx_uint_t>(found->mode);
    if (args.size() == 2) {
        if (view(args[1]) != "dry_run" || found->mode != MfaMode::policy) {
            return invalid(cf, args[1], "\"policy dry_run\"");
        }
        location.mfa.dry_run = 1;
    }
    return NGX_CONF_OK;
}

char* set_app_config(ngx_conf_t* cf, void* conf) {
    MfaConf& mfa = static_cast<LocationConf*>(conf)->mfa;
    if (mfa.app_config != NGX_CONF_UNSET) {
        return duplicate();
    }
    const std::span<ngx_str_t> args = arguments(cf);
    const auto on = flag(cf, args[0]);
    if (!on) {
        return failed;
    }
    mfa.app_config = *on ? 1 : 0;
    if (args.size() == 2) {
        const auto provider = option(args[1], "oidc");
        if (!*on || !provider || !is_name(*provider)) {
            return invalid(cf, args[1], "\"on oidc=provider\"");
        }
        mfa.app_config_provider = borrowed(*provider);
        mfa.app_config_place = place(cf);
    }
    return NGX_CONF_OK;
}

char* set_mfa_sockets(ngx_conf_t* cf, void* conf) {
    MfaConf& mfa = static_cast<LocationConf*>(conf)->mfa;
    if (mfa.sockets != NGX_CONF_UNSET) {
        return duplicate();
    }
    const std::span<ngx_str_t> args = arguments(cf);
    const auto on = flag(cf, args[0]);
    if (!on) {
        return failed;
    }
    mfa.sockets = *on ? 1 : 0;
    mfa.socket_checks = default_socket_checks;
    if (args.size() == 2) {
        const auto text = option(args[1], "checks");
        const auto checks = text ? positive(*text) : std::nullopt;
        if (!*on || !checks) {
            return invalid(cf, args[1], "\"on checks=number\", with a number above 0");
        }
        mfa.socket_checks = *checks;
    }
    return NGX_CONF_OK;
}

char* set_mfa_exempt(ngx_conf_t* cf, void* conf) {
    return add_rules(cf, static_cast<ServerConf*>(conf)->mfa_exempt_rules);
}

}  // namespace auth_gate
