#include "nginx/conf/directives.hpp"

#include "nginx/conf/conf.hpp"
#include "nginx/conf/directive_arguments.hpp"
#include "nginx/jwt/secrets.hpp"
#include "nginx/mfa/directives.hpp"
#include "nginx/ngx/pool_object.hpp"
#include "nginx/oidc/conf.hpp"
#include "nginx/state/status.hpp"
#include "nginx/state/zone.hpp"
#include "nginx/token/issue.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace auth_gate {

namespace {

constexpr std::uint64_t longest_lifetime_ms = 3'600'000;
constexpr std::uint32_t default_tokens = 10'000;

char* set_zone(ngx_conf_t* cf, void* conf) {
    auto& main = *static_cast<MainConf*>(conf);
    if (main.zone != nullptr) {
        return duplicate();
    }

    ngx_str_t name = ngx_null_string;
    ssize_t size = 0;
    std::uint32_t tokens = 0;
    std::uint32_t per_user = 0;

    for (ngx_str_t& argument : arguments(cf)) {
        if (const auto zone = option(argument, "zone"); zone && name.len == 0) {
            const std::size_t colon = zone->rfind(':');
            if (colon == 0 || colon == std::string_view::npos) {
                return invalid(cf, argument, "zone=name:size");
            }
            name = borrowed(zone->substr(0, colon));
            ngx_str_t size_text = borrowed(zone->substr(colon + 1));
            size = ngx_parse_size(&size_text);
            if (size == NGX_ERROR) {
                return invalid(cf, argument, "zone=name:size with a size such as 4m");
            }
        } else if (const auto count = option(argument, "tokens"); count && positive(*count) && tokens == 0) {
            tokens = *positive(*count);
        } else if (const auto share = option(argument, "per_user"); share && positive(*share) && per_user == 0) {
            per_user = *positive(*share);
        } else {
            return invalid(cf, argument, "zone=name:size, tokens=number or per_user=number, each once");
        }
    }
    if (name.len == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"auth_gate_zone\" must have \"zone=name:size\"");
        return failed;
    }
    main.zone = Zone::add(cf, name, static_cast<std::size_t>(size), tokens == 0 ? default_tokens : tokens, per_user);
    return main.zone == nullptr ? failed : NGX_CONF_OK;
}

char* set_state_path(ngx_conf_t* cf, void* conf) {
    auto& main = *static_cast<MainConf*>(conf);
    if (main.state_path.len != 0) {
        return duplicate();
    }
    ngx_str_t path = arguments(cf)[0];
    if (path.len == 0) {
        return invalid(cf, path, "a directory");
    }
    if (ngx_conf_full_name(cf->cycle, &path, 0) != NGX_OK) {
        return failed;
    }
    main.state_path = path;

    // nginx makes it and gives it to the workers' user, as it does for its temporary paths.
    auto* registered = static_cast<ngx_path_t*>(ngx_pcalloc(cf->pool, sizeof(ngx_path_t)));
    if (registered == nullptr) {
        return failed;
    }
    registered->name = path;
    registered->conf_file = cf->conf_file->file.name.data;
    registered->line = cf->conf_file->line;
    return ngx_add_path(cf, &registered) == NGX_OK ? NGX_CONF_OK : failed;
}

char* set_purpose(ngx_conf_t* cf, void* conf) {
    auto& main = *static_cast<MainConf*>(conf);
    const std::span<ngx_str_t> args = arguments(cf);
    const std::string_view name = view(args[0]);
    if (!is_name(name)) {
        return invalid(cf, args[0], name_form);
    }

    std::uint64_t ttl = 0;
    std::uint64_t lease = 0;
    for (ngx_str_t& argument : args.subspan(1)) {
        std::uint64_t* target = nullptr;
        std::optional<std::string_view> text;
        if ((text = option(argument, "ttl"))) {
            target = &ttl;
        } else if ((text = option(argument, "lease"))) {
            target = &lease;
        }
        const auto ms = text && *target == 0 ? milliseconds(*text) : std::nullopt;
        if (!ms || *ms > longest_lifetime_ms) {
            return invalid(cf, argument, "ttl=time or lease=time of at most 1h, each once");
        }
        *target = *ms;
    }
    if (ttl == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"auth_gate_purpose %V\" must have \"ttl=time\"", &args[0]);
        return failed;
    }

    Purpose* purpose = main.find_purpose(name);
    if (purpose != nullptr && purpose->declared) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"auth_gate_purpose %V\" is duplicate", &args[0]);
        return failed;
    }
    if (purpose == nullptr) {
        const std::uint32_t id = purpose_id(name);
        if (const Purpose* other = std::as_const(main).find_purpose(id)) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"auth_gate_purpose %V\" cannot be told from \"%s\", rename it",
                               &args[0], other->name.c_str());
            return failed;
        }
        main.purposes->push_back({std::string(name), id, 0, 0, false, false, false});
        purpose = &main.purposes->back();
    }
    purpose->ttl_ms = ttl;
    purpose->lease_ms = lease;
    purpose->declared = true;
    return NGX_CONF_OK;
}

// Adds the names in "a,b" to `names`; false for an empty one.
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

char* set_gate(ngx_conf_t* cf, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    constexpr const char* expected = "\"off\", \"jwt\", \"token=purpose[,...]\" or \"jwt token=purpose[,...]\"";
    if (location.gate.on != NGX_CONF_UNSET) {
        return duplicate();
    }
    const std::span<ngx_str_t> args = arguments(cf);
    if (view(args[0]) == "off") {
        if (args.size() != 1) {
            return invalid(cf, args[1], "nothing else beside \"off\"");
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

char* set_issue(ngx_conf_t* cf, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    if (location.token.issue_purposes != nullptr) {
        return duplicate();
    }
    for (ngx_str_t& argument : arguments(cf)) {
        if (!add_names(cf, view(argument), location.token.issue_purposes)) {
            return invalid(cf, argument, "a purpose");
        }
    }
    location.token.issue_place = place(cf);
    auto* core = core_conf(cf);
    core->handler = issue_handler;
    return NGX_CONF_OK;
}

char* set_secret(ngx_conf_t* cf, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    if (location.jwt.keys != nullptr) {
        return duplicate();
    }
    const std::span<ngx_str_t> args = arguments(cf);
    location.jwt.keys = configured_keys(cf, args.data(), args.size());
    return location.jwt.keys == nullptr ? failed : NGX_CONF_OK;
}

char* set_jwt_from(ngx_conf_t* cf, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    if (location.jwt.sources != nullptr) {
        return duplicate();
    }
    location.jwt.sources = make<JwtSources>(cf->pool);
    for (ngx_str_t& argument : arguments(cf)) {
        const std::string_view text = view(argument);
        if (text == "bearer") {
            location.jwt.sources->bearer = true;
        } else if (const auto cookie = cookie_name(text)) {
            location.jwt.sources->cookies.emplace_back(*cookie);
        } else {
            return invalid(cf, argument, "\"bearer\" or \"cookie:NAME\"");
        }
    }
    return NGX_CONF_OK;
}

char* set_require(ngx_conf_t* cf, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    if (location.jwt.requirements == nullptr) {
        location.jwt.requirements = make<Requirements>(cf->pool);
    }
    for (ngx_str_t& argument : arguments(cf)) {
        if (!location.jwt.requirements->add(view(argument))) {
            return invalid(cf, argument, "claim or claim=value");
        }
    }
    return NGX_CONF_OK;
}

char* set_user_claim(ngx_conf_t* cf, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    ngx_str_t& name = arguments(cf)[0];
    if (location.jwt.user_claim.len != 0) {
        return duplicate();
    }
    const std::string_view text = view(name);
    if (text.empty() || text == "iat" || text == "exp" || text == "nbf" || text == "purpose") {
        return invalid(cf, name, "the name of the claim with the user's id");
    }
    location.jwt.user_claim = name;
    return NGX_CONF_OK;
}

char* set_leeway(ngx_conf_t* cf, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    if (location.jwt.leeway != NGX_CONF_UNSET) {
        return duplicate();
    }
    ngx_str_t& value = arguments(cf)[0];
    location.jwt.leeway = ngx_parse_time(&value, 1);
    return location.jwt.leeway == NGX_ERROR ? invalid(cf, value, "a time in whole seconds") : NGX_CONF_OK;
}

char* set_jwt_max_size(ngx_conf_t* cf, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    if (location.jwt.max_size != NGX_CONF_UNSET_SIZE) {
        return duplicate();
    }
    ngx_str_t& value = arguments(cf)[0];
    const ssize_t size = ngx_parse_size(&value);
    if (size == NGX_ERROR) {
        return invalid(cf, value, "a size such as 8k");
    }
    location.jwt.max_size = static_cast<std::size_t>(size);
    return NGX_CONF_OK;
}

char* set_jwt_cache(ngx_conf_t* cf, void* conf) {
    constexpr ssize_t least = 64 * 1024;
    auto& main = *static_cast<MainConf*>(conf);
    if (main.jwt_cache_size != NGX_CONF_UNSET) {
        return duplicate();
    }
    ngx_str_t& value = arguments(cf)[0];
    if (view(value) == "off") {
        main.jwt_cache_size = 0;
        return NGX_CONF_OK;
    }
    main.jwt_cache_size = ngx_parse_size(&value);
    return main.jwt_cache_size < least ? invalid(cf, value, "\"off\" or a size of at least 64k") : NGX_CONF_OK;
}

char* set_upstream_jwt(ngx_conf_t* cf, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    if (location.jwt.upstream != NGX_CONF_UNSET) {
        return duplicate();
    }
    const std::span<ngx_str_t> args = arguments(cf);
    const std::string_view flag = view(args[0]);
    if (flag != "on" && flag != "off") {
        return invalid(cf, args[0], "\"on\" or \"off\"");
    }
    location.jwt.upstream = flag == "on";
    if (args.size() == 2) {
        const auto text = option(args[1], "ttl");
        const auto ms = text ? milliseconds(*text) : std::nullopt;
        if (!ms || *ms < 1000) {
            return invalid(cf, args[1], "ttl=time of at least 1s");
        }
        location.jwt.upstream_ttl = static_cast<time_t>(*ms / 1000);
    }
    return NGX_CONF_OK;
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
            return invalid(cf, argument, "a decoded path that begins with \"/\", with \"*\" at most at its end");
        }
    }
    return NGX_CONF_OK;
}

char* set_public(ngx_conf_t* cf, void* conf) {
    return add_rules(cf, static_cast<ServerConf*>(conf)->public_rules);
}

char* set_mfa_exempt(ngx_conf_t* cf, void* conf) {
    return add_rules(cf, static_cast<ServerConf*>(conf)->mfa_exempt_rules);
}

char* set_status(ngx_conf_t* cf, void*) {
    const std::span<ngx_str_t> args = arguments(cf);
    auto* core = core_conf(cf);
    auto* main = main_conf(cf);
    if (core->handler == status_json_handler || core->handler == status_prometheus_handler) {
        return duplicate();
    }
    ngx_str_set(&main->zone_wanted_by, "auth_gate_status");
    if (args.empty() || view(args[0]) == "json") {
        core->handler = status_json_handler;
    } else if (view(args[0]) == "prometheus") {
        core->handler = status_prometheus_handler;
    } else {
        return invalid(cf, args[0], "\"json\" or \"prometheus\"");
    }
    return NGX_CONF_OK;
}

constexpr ngx_uint_t anywhere = NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF;

}  // namespace

ngx_command_t directives[] = {
    {ngx_string("auth_gate_zone"), NGX_HTTP_MAIN_CONF | NGX_CONF_1MORE, guarded<set_zone>, NGX_HTTP_MAIN_CONF_OFFSET, 0,
     nullptr},
    {ngx_string("auth_gate_state_path"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, guarded<set_state_path>,
     NGX_HTTP_MAIN_CONF_OFFSET, 0, nullptr},
    {ngx_string("auth_gate_purpose"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE23, guarded<set_purpose>,
     NGX_HTTP_MAIN_CONF_OFFSET, 0, nullptr},
    {ngx_string("auth_gate"), anywhere | NGX_CONF_TAKE12, guarded<set_gate>, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("auth_gate_issue"), NGX_HTTP_LOC_CONF | NGX_CONF_1MORE, guarded<set_issue>, NGX_HTTP_LOC_CONF_OFFSET, 0,
     nullptr},
    {ngx_string("auth_gate_secret"), anywhere | NGX_CONF_1MORE, guarded<set_secret>, NGX_HTTP_LOC_CONF_OFFSET, 0,
     nullptr},
    {ngx_string("auth_gate_jwt_from"), anywhere | NGX_CONF_1MORE, guarded<set_jwt_from>, NGX_HTTP_LOC_CONF_OFFSET, 0,
     nullptr},
    {ngx_string("auth_gate_jwt_max_size"), anywhere | NGX_CONF_TAKE1, guarded<set_jwt_max_size>,
     NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("auth_gate_jwt_cache"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, guarded<set_jwt_cache>,
     NGX_HTTP_MAIN_CONF_OFFSET, 0, nullptr},
    {ngx_string("auth_gate_leeway"), anywhere | NGX_CONF_TAKE1, guarded<set_leeway>, NGX_HTTP_LOC_CONF_OFFSET, 0,
     nullptr},
    {ngx_string("auth_gate_require"), anywhere | NGX_CONF_1MORE, guarded<set_require>, NGX_HTTP_LOC_CONF_OFFSET, 0,
     nullptr},
    {ngx_string("auth_gate_require_exp"), anywhere | NGX_CONF_FLAG, ngx_conf_set_flag_slot, NGX_HTTP_LOC_CONF_OFFSET,
     offsetof(LocationConf, jwt.require_exp), nullptr},
    {ngx_string("auth_gate_user_claim"), anywhere | NGX_CONF_TAKE1, guarded<set_user_claim>, NGX_HTTP_LOC_CONF_OFFSET,
     0, nullptr},
    {ngx_string("auth_gate_upstream_jwt"), anywhere | NGX_CONF_TAKE12, guarded<set_upstream_jwt>,
     NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("auth_gate_ws_close"), anywhere | NGX_CONF_FLAG, ngx_conf_set_flag_slot, NGX_HTTP_LOC_CONF_OFFSET,
     offsetof(LocationConf, gate.websocket_close), nullptr},
    {ngx_string("auth_gate_login_url"), anywhere | NGX_CONF_TAKE1, ngx_http_set_complex_value_slot,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(LocationConf, gate.login_url), nullptr},
    {ngx_string("auth_gate_public"), NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_CONF_2MORE, guarded<set_public>,
     NGX_HTTP_SRV_CONF_OFFSET, 0, nullptr},
    {ngx_string("auth_gate_mfa_exempt"), NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_CONF_2MORE,
     guarded<set_mfa_exempt>, NGX_HTTP_SRV_CONF_OFFSET, 0, nullptr},
    {ngx_string("auth_gate_identity"), anywhere | NGX_CONF_1MORE, guarded<set_identity>, NGX_HTTP_LOC_CONF_OFFSET, 0,
     nullptr},
    {ngx_string("auth_gate_mfa"), anywhere | NGX_CONF_TAKE12, guarded<set_mfa>, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("auth_gate_mfa_url"), anywhere | NGX_CONF_TAKE1, ngx_http_set_complex_value_slot,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(LocationConf, mfa.url), nullptr},
    {ngx_string("auth_gate_mfa_sockets"), anywhere | NGX_CONF_FLAG, ngx_conf_set_flag_slot, NGX_HTTP_LOC_CONF_OFFSET,
     offsetof(LocationConf, mfa.sockets), nullptr},
    {ngx_string("auth_gate_app_config"), NGX_HTTP_LOC_CONF | NGX_CONF_FLAG, ngx_conf_set_flag_slot,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(LocationConf, mfa.app_config), nullptr},
    {ngx_string("auth_gate_app_settings"), NGX_HTTP_LOC_CONF | NGX_CONF_FLAG, ngx_conf_set_flag_slot,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(LocationConf, mfa.app_settings), nullptr},
    {ngx_string("auth_gate_mfa_disable"), NGX_HTTP_LOC_CONF | NGX_CONF_FLAG, ngx_conf_set_flag_slot,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(LocationConf, mfa.disable), nullptr},
    {ngx_string("auth_gate_status"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS | NGX_CONF_TAKE1, guarded<set_status>,
     NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("auth_gate_oidc_provider"), NGX_HTTP_MAIN_CONF | NGX_CONF_BLOCK | NGX_CONF_TAKE1,
     guarded<set_oidc_provider>, NGX_HTTP_MAIN_CONF_OFFSET, 0, nullptr},
    {ngx_string("auth_gate_oidc"), NGX_HTTP_LOC_CONF | NGX_CONF_TAKE1, guarded<set_oidc>, NGX_HTTP_LOC_CONF_OFFSET, 0,
     nullptr},
    {ngx_string("auth_gate_oidc_session"), anywhere | NGX_CONF_TAKE1, guarded<set_oidc_session>,
     NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("auth_gate_oidc_settings"), NGX_HTTP_LOC_CONF | NGX_CONF_TAKE1, guarded<set_oidc_settings>,
     NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    ngx_null_command,
};

}  // namespace auth_gate
