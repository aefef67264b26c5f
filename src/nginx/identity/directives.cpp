#include "nginx/identity/directives.hpp"

#include "nginx/ngx/pool_object.hpp"

#include <algorithm>
#include <set>

namespace auth_gate {

namespace {

constexpr const char* of_claims = "role=path, admin=path|role:name,..., mfa=path[:value,...], each once";
constexpr const char* of_lookups =
    "id=path, role=path, admin=path|role:name,..., mfa=path[:value,...], cache=time "
    "or per=user|session, each once";

bool set_path(std::string& path, std::string_view text) {
    path = text;
    return is_path(text);
}

bool set_cache(std::uint64_t& cache_ms, std::string_view text) {
    cache_ms = text == "0" ? 0 : milliseconds(text).value_or(0);
    return cache_ms != 0 || text == "0";
}

bool set_option(IdentitySource& source, std::string_view name, std::string_view value) {
    IdentityRules& rules = source.rules;
    if (name == "role") {
        return set_path(rules.role, value);
    }
    if (name == "admin") {
        return rules.set_admin(value);
    }
    if (name == "mfa") {
        return rules.set_mfa(value);
    }
    if (source.from_claims) {
        return false;
    }
    if (name == "id") {
        return value.empty() || set_path(rules.id, value);
    }
    if (name == "cache") {
        return set_cache(source.cache_ms, value);
    }
    source.per_session = value == "session";
    return name == "per" && (source.per_session || value == "user");
}

}  // namespace

char* set_identity(ngx_conf_t* cf, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    if (location.identity.source != nullptr) {
        return duplicate();
    }
    const std::span<ngx_str_t> args = arguments(cf);
    auto* source = location.identity.source = make<IdentitySource>(cf->pool);
    source->place = place(cf);
    source->from_claims = view(args[0]) == "claims";
    if (!source->from_claims && !view(args[0]).starts_with('/')) {
        return invalid(cf, args[0], "\"claims\" or the URI of a location");
    }
    source->uri = source->from_claims ? ngx_str_t(ngx_null_string) : args[0];

    IdentityRules& rules = source->rules;
    std::set<std::string_view> given;
    for (ngx_str_t& argument : args.subspan(1)) {
        const std::size_t equals = std::min(view(argument).find('='), argument.len);
        const std::string_view name = view(argument).substr(0, equals);
        if (equals == argument.len || !given.insert(name).second ||
            !set_option(*source, name, view(argument).substr(equals + 1))) {
            return invalid(cf, argument, source->from_claims ? of_claims : of_lookups);
        }
    }

    const auto set_default = [&given](std::string& path, std::string_view name, const char* text) {
        if (!given.contains(name)) {
            path = text;
        }
    };
    if (!source->from_claims) {
        set_default(rules.id, "id", "user.id");
    }
    set_default(rules.role, "role", source->from_claims ? "role" : "user.role");
    set_default(rules.mfa, "mfa", source->from_claims ? "mfa_enabled" : "user.mfa_enabled");
    return NGX_CONF_OK;
}

}  // namespace auth_gate
