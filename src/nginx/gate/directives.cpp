#include "nginx/gate/directives.hpp"

#include "nginx/ngx/pool_object.hpp"

#include "core/base/ascii.hpp"
#include "core/http/origin.hpp"

#include <algorithm>

namespace auth_gate {

namespace {

constexpr std::uint64_t longest_slow_ms = 3'600'000;

bool is_parameter_name(std::string_view text) noexcept {
    constexpr std::size_t longest = 64;
    return !text.empty() && text.size() <= longest &&
           std::all_of(text.begin(), text.end(), [](char c) { return is_alphanumeric(c) || c == '_' || c == '-'; });
}

bool set_parameter(ngx_conf_t* cf, LocationConf& location, std::string_view name) {
    if (location.token.parameter != nullptr || !is_parameter_name(name)) {
        return false;
    }
    location.token.parameter = make<std::string>(cf->pool, name);
    add_token_parameter(*main_conf(cf), name);
    return true;
}

}  // namespace

char* set_gate(ngx_conf_t* cf, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    constexpr const char* expected =
        "\"off\", \"jwt\", \"token=purpose[,...]\" or \"jwt token=purpose[,...]\", optional behind jwt, and param=NAME";
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
        if (view(argument) == "optional" && location.jwt.accepted == 1 && location.gate.optional == 0) {
            location.gate.optional = 1;
            continue;
        }
        if (const auto parameter = option(argument, "param")) {
            if (!set_parameter(cf, location, *parameter)) {
                return invalid(cf, argument, "param=NAME, once, beside token=");
            }
            continue;
        }
        const auto purposes = option(argument, "token");
        if (!purposes || location.token.purposes != nullptr || !add_names(cf, *purposes, location.token.purposes)) {
            return invalid(cf, argument, expected);
        }
    }
    if (location.token.parameter != nullptr && location.token.purposes == nullptr) {
        return invalid(cf, args.back(), "token=purpose beside param=");
    }
    location.gate.on = 1;
    location.gate.place = place(cf);
    return NGX_CONF_OK;
}

char* set_pass(ngx_conf_t* cf, void* conf) {
    constexpr std::string_view prefix = "arg:";
    Pass& pass = static_cast<LocationConf*>(conf)->gate.pass;
    if (pass.args != nullptr) {
        return duplicate();
    }
    pass.args = make<std::vector<std::string>>(cf->pool);
    pass.place = place(cf);
    const std::span<ngx_str_t> args = arguments(cf);
    if (view(args[0]) == "off") {
        return args.size() == 1 ? NGX_CONF_OK : invalid(cf, args[1], "no other argument with \"off\"");
    }
    for (ngx_str_t& argument : args) {
        const std::string_view text = view(argument);
        if (text == "opaque" && !pass.opaque) {
            if ((cf->cmd_type & NGX_HTTP_LOC_CONF) == 0) {
                return invalid(cf, argument, "\"opaque\" in the locations for such keys only");
            }
            pass.opaque = true;
            continue;
        }
        if (text == "without_mfa" && pass.opaque && !pass.without_mfa) {
            pass.without_mfa = true;
            continue;
        }
        if (!text.starts_with(prefix) || !is_parameter_name(text.substr(prefix.size()))) {
            return invalid(cf, argument,
                           "\"opaque\", \"opaque without_mfa\", \"off\" or arg:NAME, a parameter of the URL");
        }
        pass.args->emplace_back(text.substr(prefix.size()));
    }
    return NGX_CONF_OK;
}

char* set_origin(ngx_conf_t* cf, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    if (location.gate.origins != nullptr) {
        return duplicate();
    }
    location.gate.origins = make<OriginRule>(cf->pool);
    const std::span<ngx_str_t> args = arguments(cf);
    if (view(args[0]) == "off") {
        if (args.size() != 1) {
            return invalid(cf, args[1], "no other argument with \"off\"");
        }
        location.gate.origins->add_any();
        return NGX_CONF_OK;
    }
    for (ngx_str_t& argument : args) {
        // The request's own host always counts.
        if (view(argument) != "self" && !location.gate.origins->add(view(argument))) {
            return invalid(cf, argument,
                           "\"self\", \"off\" or origins such as \"https://app.example\", without a path");
        }
    }
    return NGX_CONF_OK;
}

char* set_cors(ngx_conf_t* cf, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    if (location.gate.cors != nullptr) {
        return duplicate();
    }
    location.gate.cors = make<OriginRule>(cf->pool);
    const std::span<ngx_str_t> args = arguments(cf);
    if (view(args[0]) == "off") {
        return args.size() == 1 ? NGX_CONF_OK : invalid(cf, args[1], "no other argument with \"off\"");
    }
    for (ngx_str_t& argument : args) {
        if (!location.gate.cors->add(view(argument))) {
            return invalid(cf, argument, "\"off\" or origins such as \"https://app.example\", without a path");
        }
    }
    return NGX_CONF_OK;
}

char* set_cache(ngx_conf_t* cf, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    if (location.gate.cache_shared != NGX_CONF_UNSET) {
        return duplicate();
    }
    ngx_str_t& argument = arguments(cf)[0];
    if (view(argument) != "shared") {
        return invalid(cf, argument, "\"shared\"");
    }
    location.gate.cache_shared = 1;
    return NGX_CONF_OK;
}

char* set_ws_close(ngx_conf_t* cf, void* conf) {
    GateConf& gate = static_cast<LocationConf*>(conf)->gate;
    if (gate.websocket_close != NGX_CONF_UNSET) {
        return duplicate();
    }
    const std::span<ngx_str_t> args = arguments(cf);
    const auto on = flag(cf, args[0]);
    if (!on) {
        return failed;
    }
    gate.websocket_close = *on ? 1 : 0;
    if (args.size() == 2) {
        const auto text = option(args[1], "slow");
        const auto slow_ms = text ? milliseconds(*text) : std::nullopt;
        if (!*on || !slow_ms || *slow_ms > longest_slow_ms) {
            return invalid(cf, args[1], "\"on slow=time\", with a time of at most 1h");
        }
        gate.websocket_slow_ms = static_cast<ngx_msec_t>(*slow_ms);
    }
    return NGX_CONF_OK;
}

char* set_public(ngx_conf_t* cf, void* conf) {
    return add_rules(cf, static_cast<ServerConf*>(conf)->public_rules);
}

char* set_path(ngx_conf_t* cf, void* conf) {
    ngx_flag_t& as_sent = static_cast<LocationConf*>(conf)->gate.path_as_sent;
    if (as_sent != NGX_CONF_UNSET) {
        return duplicate();
    }
    ngx_str_t& value = arguments(cf)[0];
    if (view(value) != "strict" && view(value) != "as_sent") {
        return invalid(cf, value, "\"strict\" or \"as_sent\"");
    }
    as_sent = view(value) == "as_sent" ? 1 : 0;
    if (as_sent == 1) {
        main_conf(cf)->some_paths_as_sent = true;
    }
    return NGX_CONF_OK;
}

}  // namespace auth_gate
