#include "nginx/gate/directives.hpp"

namespace auth_gate {

char* set_gate(ngx_conf_t* cf, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    constexpr const char* expected = "\"off\", \"jwt\", \"token=purpose[,...]\" or \"jwt token=purpose[,...]\"";
    if (location.gate.on != NGX_CONF_UNSET) {
        return duplicate();
    }
    const std::span<ngx_str_t> args = arguments(cf);
    if (view(args[0]) == "off") {
        if (args.size() != 1) {
            return invalid(cf, args[1], "no other argument with \"off\"");
        }
        location.gate.on = 0;
        return NGX_CONF_OK;
    }
    for (ngx_str_t& argument : args) {
        if (view(argument) == "jwt" && location.jwt.accepted == 0) {
            location.jwt.accepted = 1;
            continue;
        }
        const auto purposes = option(argument, "token");
        if (!purposes || location.token.purposes != nullptr || !add_names(cf, *purposes, location.token.purposes)) {
            return invalid(cf, argument, expected);
        }
    }
    location.gate.on = 1;
    location.gate.place = place(cf);
    return NGX_CONF_OK;
}

char* set_public(ngx_conf_t* cf, void* conf) {
    return add_rules(cf, static_cast<ServerConf*>(conf)->public_rules);
}

}  // namespace auth_gate
