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
    if (core->noname || core->named || core->exact_match || core->name.len == 0 || is_regex(*core)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"auth_gate_oidc\" needs a location by prefix, such as /api/auth/oidc/");
        return failed;
    }
    core->noregex = 1;  // as with "^~": otherwise the application's `location ~* ^/api/` would win
    core->handler = oidc_handler;
    return set_name(cf, static_cast<LocationConf*>(conf)->oidc.name);
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
    return set_name(cf, static_cast<LocationConf*>(conf)->oidc.settings_name);
}

}  // namespace auth_gate
