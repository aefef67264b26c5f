#include "nginx/oidc/conf.hpp"

#include "nginx/conf/conf.hpp"
#include "nginx/conf/directive_arguments.hpp"
#include "nginx/ngx/pool_object.hpp"
#include "nginx/oidc/handlers.hpp"
#include "nginx/oidc/provider_conf.hpp"
#include "nginx/oidc/provider_user.hpp"
#include "nginx/oidc/zone.hpp"

namespace auth_gate {

namespace {

// Null, after logging why, where there is none.
OidcProvider* find_provider(ngx_conf_t* cf, const MainConf& main, const OidcName& wanted, const char* directive) {
    OidcProvider* found = main.oidc == nullptr ? nullptr : main.oidc->find(view(wanted.name));
    if (found == nullptr) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0, "\"%s\": there is no \"auth_gate_oidc_provider %V\", in %V:%ui",
                      directive, &wanted.name, &wanted.place.file, wanted.place.line);
    }
    return found;
}

// A login cannot tell by which location a URL was set.
char* check_private_addresses(ngx_conf_t* cf, OidcProvider& provider, const OidcLocationConf& conf) {
    using Private = OidcProvider::Private;
    const Private said = conf.allow_private == 1 ? Private::allowed : Private::refused;
    const Private before = std::exchange(provider.private_addresses, said);
    if (before == Private::unsaid || before == said) {
        return NGX_CONF_OK;
    }
    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "\"auth_gate_oidc_settings %s\" has \"allow_private\" in one place and not in another, in %V:%ui",
                  provider.name.c_str(), &conf.settings_name.place.file, conf.settings_name.place.line);
    return failed;
}

void remember_path(ngx_conf_t* cf) {
    auto* server = server_conf(cf);
    auto* core = core_conf(cf);
    if (server->oidc_paths == nullptr) {
        server->oidc_paths = make<std::vector<std::string>>(cf->pool);
    }
    server->oidc_paths->push_back(oidc_path(*core));
}

}  // namespace

char* merge_oidc(ngx_conf_t* cf, const LocationConf& prev, LocationConf& conf) {
    MainConf& main = *main_conf(cf);
    if (conf.oidc.session_cookie.data == nullptr) {
        conf.oidc.session_cookie = prev.oidc.session_cookie;
    }
    if (conf.oidc.name.name.len != 0) {
        remember_path(cf);
        conf.oidc.provider = find_provider(cf, main, conf.oidc.name, "auth_gate_oidc");
        if (conf.oidc.provider == nullptr) {
            return failed;
        }
    }
    if (conf.mfa.app_config_provider.len != 0) {
        conf.oidc.shown_provider =
            find_provider(cf, main, {conf.mfa.app_config_provider, conf.mfa.app_config_place}, "auth_gate_app_config");
        if (conf.oidc.shown_provider == nullptr) {
            return failed;
        }
    }
    if (conf.oidc.settings_name.name.len != 0) {
        ngx_str_set(&main.oidc_state_wanted_by, "auth_gate_oidc_settings");
        OidcProvider* provider = find_provider(cf, main, conf.oidc.settings_name, "auth_gate_oidc_settings");
        conf.oidc.settings_provider = provider;
        return provider == nullptr ? failed : check_private_addresses(cf, *provider, conf.oidc);
    }
    return NGX_CONF_OK;
}

char* check_oidc_settings(ngx_conf_t* cf, const LocationConf&, LocationConf& conf) {
    if (conf.oidc.settings_provider == nullptr) {
        return NGX_CONF_OK;
    }
    ngx_str_set(&main_conf(cf)->zone_wanted_by, "auth_gate_oidc_settings");
    const auto* core = core_conf(cf);
    const char* lacks = nullptr;
    if (conf.gate.on != 1 || conf.jwt.accepted != 1 || conf.token.purposes != nullptr) {
        lacks = "needs \"auth_gate jwt\" and no \"token=\"";
    } else if (conf.identity.source == nullptr) {
        lacks = "needs \"auth_gate_identity\" to know who is an administrator";
    } else if (core->satisfy == NGX_HTTP_SATISFY_ANY) {
        lacks = "cannot stand where \"satisfy any\" would bypass it";
    } else if (conf.mfa.has_endpoint()) {
        lacks = "needs a location of its own";
    }
    if (lacks == nullptr) {
        return NGX_CONF_OK;
    }
    ngx_log_error(NGX_LOG_EMERG, cf->log, 0, "\"auth_gate_oidc_settings\" %s, in %V:%ui", lacks,
                  &conf.oidc.settings_name.place.file, conf.oidc.settings_name.place.line);
    return failed;
}

// Whoever names users by a claim that a provider's people can set would believe them. Which secrets a location has does
// not matter here: one that is added later must not open it.
ngx_int_t check_session_claims(ngx_conf_t* cf, const MainConf& main) {
    for (const MergedLocation& location : *main.locations) {
        const auto& conf = conf_of<LocationConf>(location, ngx_http_auth_gate_module);
        const auto found =
            std::find_if(main.oidc->providers.begin(), main.oidc->providers.end(), [&](const OidcProvider* provider) {
                return (conf.gate.on == 1 || conf.oidc.provider != nullptr) &&
                       provider->session_claims.has(view(conf.jwt.user_claim));
            });
        if (found != main.oidc->providers.end()) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "\"session_claim\" of \"%s\" sets \"%V\", which is the user's id (auth_gate_user_claim) in "
                          "location \"%V\"",
                          (*found)->name.c_str(), &conf.jwt.user_claim,
                          &conf_of<ngx_http_core_loc_conf_t>(location, ngx_http_core_module).name);
            return NGX_ERROR;
        }
    }
    return NGX_OK;
}

ngx_int_t check_oidc(ngx_conf_t* cf, MainConf& main) {
    if (main.oidc == nullptr) {
        return NGX_OK;
    }
    if (main.oidc_state_wanted_by.len != 0 && main.state_path.len == 0) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0, "\"%V\" needs \"auth_gate_state_path\" to keep its settings",
                      &main.oidc_state_wanted_by);
        return NGX_ERROR;
    }
    if (check_session_claims(cf, main) != NGX_OK) {
        return NGX_ERROR;
    }
    for (OidcProvider* provider : main.oidc->providers) {
        if (find_user_variable(cf, *provider) != NGX_OK) {
            return NGX_ERROR;
        }
    }
    main.oidc->zone = OidcZone::add(cf, static_cast<std::uint32_t>(main.oidc->providers.size()));
    if (main.oidc->zone == nullptr) {
        return NGX_ERROR;
    }
    if (main.oidc_state_wanted_by.len != 0) {
        main.oidc->zone->set_state_path(main.state_path);
    }
    return NGX_OK;
}

}  // namespace auth_gate
