#include "nginx/identity/directives.hpp"

#include "nginx/ngx/pool_object.hpp"

namespace auth_gate {

namespace {

constexpr std::uint64_t default_cache_ms = 10'000;

}  // namespace

char* set_identity(ngx_conf_t* cf, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    if (location.identity.source != nullptr) {
        return duplicate();
    }
    const std::span<ngx_str_t> args = arguments(cf);
    auto* source = location.identity.source = make<IdentitySource>(cf->pool);
    source->from_claims = view(args[0]) == "claims";
    if (!source->from_claims && !view(args[0]).starts_with('/')) {
        return invalid(cf, args[0], "\"claims\" or the URI of a location");
    }
    source->uri = source->from_claims ? ngx_str_t(ngx_null_string) : args[0];

    bool cache_given = false;
    bool compares_id = true;
    const auto set_path = [](std::string& path, std::optional<std::string_view> text) {
        if (!text || !path.empty() || !is_path(*text)) {
            return false;
        }
        path = *text;
        return true;
    };
    for (ngx_str_t& argument : args.subspan(1)) {
        const auto cache = option(argument, "cache");
        if (!source->from_claims && view(argument) == "id=" && source->paths.id.empty()) {
            compares_id = false;
            continue;
        }
        if (set_path(source->paths.role, option(argument, "role")) ||
            set_path(source->paths.mfa, option(argument, "mfa")) ||
            (!source->from_claims && set_path(source->paths.id, option(argument, "id")))) {
            continue;
        }
        if (source->from_claims || cache_given || !cache || (*cache != "0" && !milliseconds(*cache))) {
            return invalid(cf, argument,
                           source->from_claims ? "role=path or mfa=path, each once"
                                               : "id=path, role=path, mfa=path or cache=time, each once");
        }
        cache_given = true;
        source->cache_ms = *cache == "0" ? 0 : *milliseconds(*cache);
    }

    const auto set_default = [](std::string& path, const char* text) { path = path.empty() ? text : path; };
    if (!source->from_claims && compares_id) {
        set_default(source->paths.id, "user.id");
    }
    set_default(source->paths.role, source->from_claims ? "role" : "user.role");
    set_default(source->paths.mfa, source->from_claims ? "mfa_enabled" : "user.mfa_enabled");
    if (!cache_given) {
        source->cache_ms = default_cache_ms;
    }
    return NGX_CONF_OK;
}

}  // namespace auth_gate
