#include "nginx/jwt/directives.hpp"

#include "nginx/jwt/secrets.hpp"
#include "nginx/jwt/session_places.hpp"
#include "nginx/ngx/pool_object.hpp"

namespace auth_gate {

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
        const auto place = session_place(view(argument));
        if (!place) {
            return invalid(cf, argument, session_place_form);
        }
        JwtSources& sources = *location.jwt.sources;
        switch (place->kind) {
        case jwt::PlaceKind::bearer:
            sources.schemes.push_back(place->name);
            break;
        case jwt::PlaceKind::header:
            sources.headers.push_back(place->name);
            break;
        case jwt::PlaceKind::cookie:
            sources.cookies.push_back(place->name);
            break;
        }
    }
    return NGX_CONF_OK;
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

char* set_leeway(ngx_conf_t* cf, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    if (location.jwt.leeway != NGX_CONF_UNSET) {
        return duplicate();
    }
    ngx_str_t& value = arguments(cf)[0];
    location.jwt.leeway = ngx_parse_time(&value, 1);
    return location.jwt.leeway == NGX_ERROR ? invalid(cf, value, "a time in whole seconds") : NGX_CONF_OK;
}

char* set_require(ngx_conf_t* cf, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    if (location.jwt.requirements == nullptr) {
        location.jwt.requirements = make<Requirements>(cf->pool);
    }
    for (ngx_str_t& argument : arguments(cf)) {
        if (!location.jwt.requirements->add(view(argument))) {
            return invalid(cf, argument, "claim or claim=value|value, with a path of names such as realm_access.roles");
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

}  // namespace auth_gate
