#include "nginx/identity/conf.hpp"

#include "nginx/conf/conf.hpp"

#include <algorithm>
#include <set>

namespace auth_gate {

namespace {

bool asks_application(const LocationConf& conf) noexcept {
    const bool needs_user = conf.mfa.mode() != MfaMode::off || conf.mfa.app_settings == 1 ||
                            conf.oidc.settings_provider != nullptr || conf.token.checks_identity;
    return conf.gate.on == 1 && needs_user && conf.identity.source != nullptr && !conf.identity.source->from_claims;
}

// A regular expression may match anything.
bool may_take(const ngx_http_core_loc_conf_t& core, std::string_view uri) noexcept {
    if (core.noname || core.named || core.name.len == 0) {
        return false;
    }
    return is_regex(core) || (core.exact_match ? uri == view(core.name) : uri.starts_with(view(core.name)));
}

}  // namespace

char* merge_identity(ngx_conf_t*, const LocationConf& prev, LocationConf& conf) {
    inherit(conf.identity.source, prev.identity.source);
    return NGX_CONF_OK;
}

char* complete_identity(ngx_conf_t* cf, const LocationConf&, LocationConf& conf) {
    const IdentitySource* source = conf.identity.source;
    if (source != nullptr && conf.jwt.keys != nullptr) {
        conf.identity.source_id = key_set_hash(*conf.jwt.keys, {view(conf.jwt.user_claim), *server_conf(cf)->id,
                                                                view(source->uri), source->rules.fingerprint()});
    }
    return NGX_CONF_OK;
}

void check_lookups(ngx_conf_t* cf, const MainConf& main) {
    std::set<const IdentitySource*> warned;
    for (const MergedLocation& asking : *main.locations) {
        const auto& conf = conf_of<LocationConf>(asking, ngx_http_auth_gate_module);
        if (!asks_application(conf)) {
            continue;
        }
        const IdentitySource& source = *conf.identity.source;
        const std::string_view uri = view(source.uri).substr(0, view(source.uri).find('?'));
        const bool leads_somewhere =
            std::any_of(main.locations->begin(), main.locations->end(), [&](const MergedLocation& location) {
                return location.server == asking.server &&
                       may_take(conf_of<ngx_http_core_loc_conf_t>(location, ngx_http_core_module), uri);
            });
        if (!leads_somewhere && warned.insert(&source).second) {
            ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                          "\"auth_gate_identity\" asks \"%V\", for which a server has no location, in %V:%ui",
                          &source.uri, &source.place.file, source.place.line);
        }
    }
}

}  // namespace auth_gate
