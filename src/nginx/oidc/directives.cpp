#include "nginx/oidc/directives.hpp"

#include "nginx/oidc/handlers.hpp"

namespace auth_gate {

namespace {

char* set_name(ngx_conf_t* cf, OidcName& name) {
    if (name.name.len != 0) {
        return duplicate();
    }
    name = {arguments(cf)[0], place(cf)};
    return NGX_CONF_OK;
}

}  // namespace

char* set_oidc(ngx_conf_t* cf, void* conf) {
    auto* core = core_conf(cf);
    if (core->named || core->exact_match || core->name.len == 0 || is_regex(*core)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"auth_gate_oidc\" needs a location by prefix, such as /api/auth/oidc/");
        return failed;
    }
    core->noregex = 1;  // as with "^~": otherwise the application's `location ~* ^/api/` would win
    auto& location = *static_cast<LocationConf*>(conf);
    set_content_handler(cf, location, oidc_handler);
    return set_name(cf, location.oidc.name);
}

char* set_oidc_session(ngx_conf_t* cf, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    ngx_str_t& value = arguments(cf)[0];
    if (location.oidc.session_cookie.data != nullptr) {
        return duplicate();
    }
    if (view(value) == "code") {
        location.oidc.session_cookie = {0, value.data};
        return NGX_CONF_OK;
    }
    const auto cookie = cookie_name(view(value));
    if (!cookie) {
        return invalid(cf, value, "\"code\" or \"cookie:NAME\"");
    }
    location.oidc.session_cookie = borrowed(*cookie);
    return NGX_CONF_OK;
}

char* set_oidc_settings(ngx_conf_t* cf, void* conf) {
    OidcLocationConf& oidc = static_cast<LocationConf*>(conf)->oidc;
    const std::span<ngx_str_t> args = arguments(cf);
    if (args.size() == 2) {
        if (view(args[1]) != "allow_private") {
            return invalid(cf, args[1], "\"allow_private\"");
        }
        oidc.allow_private = 1;
    }
    return set_name(cf, oidc.settings_name);
}

}  // namespace auth_gate
