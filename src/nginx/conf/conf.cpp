#include "nginx/conf/conf.hpp"

#include "nginx/jwt/secrets.hpp"
#include "nginx/ngx/pool_object.hpp"
#include "nginx/oidc/conf.hpp"
#include "nginx/state/zone.hpp"
#include "nginx/token/issue.hpp"

#include <algorithm>

namespace auth_gate {

namespace {

struct BuiltInPurpose {
    std::string_view name;
    std::uint64_t ttl_ms;
};

constexpr BuiltInPurpose built_in_purposes[] = {
    {"ws", 30'000},
    {"download", 60'000},
    {"immich", 60'000},
};

constexpr time_t default_upstream_jwt_ttl = 60;
constexpr size_t default_jwt_max_size = 8192;
constexpr ssize_t default_jwt_cache_size = 512 * 1024;

// Memory for a plain conf struct; null when there is none, as nginx wants it.
template <typename T>
T* plain(ngx_conf_t* cf) noexcept {
    static_assert(std::is_trivially_copyable_v<T>);
    return static_cast<T*>(ngx_pcalloc(cf->pool, sizeof(T)));
}

template <typename T>
T* unset_pointer() noexcept {
    return static_cast<T*>(NGX_CONF_UNSET_PTR);
}

void log_at(ngx_conf_t* cf, ngx_uint_t level, const Place& place, const char* what, const ngx_str_t& name) {
    ngx_log_error(level, cf->log, 0, "%s \"%V\" in %V:%ui", what, &name, &place.file, place.line);
}

// The purposes by these names; false (and said so) when one is not declared.
bool resolve(ngx_conf_t* cf, const MainConf& main, ngx_array_t* names, const Place& place, const char* directive,
             std::vector<Purpose*>& out) {
    const auto* name = static_cast<ngx_str_t*>(names->elts);
    for (ngx_uint_t i = 0; i < names->nelts; ++i) {
        Purpose* purpose = main.find_purpose(view(name[i]));
        if (purpose == nullptr) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "unknown purpose \"%V\" in \"%s\", declare it with \"auth_gate_purpose\", in %V:%ui",
                          &name[i], directive, &place.file, place.line);
            return false;
        }
        out.push_back(purpose);
    }
    return true;
}

char* resolve_accepted(ngx_conf_t* cf, MainConf& main, LocationConf& conf) {
    conf.token.accepted = make<std::vector<AcceptedPurpose>>(cf->pool);
    if (conf.token.purposes == nullptr) {
        return NGX_CONF_OK;
    }
    std::vector<Purpose*> purposes;
    if (!resolve(cf, main, conf.token.purposes, conf.gate.place, "auth_gate", purposes)) {
        return static_cast<char*>(NGX_CONF_ERROR);
    }
    for (Purpose* purpose : purposes) {
        purpose->accepted = true;
        conf.token.accepted->push_back({purpose->id, purpose->lease_ms});
        conf.token.has_leases |= purpose->lease_ms != 0;
    }
    ngx_str_set(&main.zone_wanted_by, "auth_gate token=");
    return NGX_CONF_OK;
}

// auth_gate_issue is the handler of its own location, and of the `if` and `limit_except` blocks in it.
char* resolve_issued(ngx_conf_t* cf, MainConf& main, const LocationConf& prev, LocationConf& conf) {
    auto* core = core_conf(cf);
    if (conf.token.issue_purposes == nullptr && core->noname && core->handler == nullptr &&
        prev.token.issues != nullptr) {
        conf.token.issues = prev.token.issues;
        core->handler = issue_handler;
    }
    if (conf.token.issue_purposes == nullptr) {
        return NGX_CONF_OK;
    }
    std::vector<Purpose*> purposes;
    if (!resolve(cf, main, conf.token.issue_purposes, conf.token.issue_place, "auth_gate_issue", purposes)) {
        return static_cast<char*>(NGX_CONF_ERROR);
    }
    conf.token.issues = make<std::vector<const Purpose*>>(cf->pool, purposes.begin(), purposes.end());
    for (Purpose* purpose : purposes) {
        purpose->issued = true;
    }
    ngx_str_set(&main.zone_wanted_by, "auth_gate_issue");
    return NGX_CONF_OK;
}

void merge_gate(const LocationConf& prev, LocationConf& conf) {
    if (conf.gate.on != NGX_CONF_UNSET) {
        return;
    }
    if (conf.oidc.provider != nullptr) {
        conf.gate.on = 0;  // who logs in has no session yet
        return;
    }
    if (conf.token.issue_purposes != nullptr) {
        // A token is given to a session and nothing else, whatever the server's gate takes.
        conf.gate.on = 1;
        conf.jwt.accepted = 1;
        conf.gate.place = conf.token.issue_place;
        return;
    }
    conf.gate.on = prev.gate.on == NGX_CONF_UNSET ? 0 : prev.gate.on;
    conf.jwt.accepted = prev.jwt.accepted;
    conf.token.purposes = prev.token.purposes;
    conf.gate.place = prev.gate.place;
}

void merge_sources(ngx_conf_t* cf, const LocationConf& prev, LocationConf& conf) {
    if (conf.jwt.sources == nullptr) {
        conf.jwt.sources = prev.jwt.sources;
    }
    if (conf.jwt.sources == nullptr) {
        conf.jwt.sources = make<JwtSources>(cf->pool);
        conf.jwt.sources->bearer = true;
    }
}

char* merge_keys(ngx_conf_t* cf, MainConf& main, const LocationConf& prev, LocationConf& conf) {
    if (conf.jwt.keys == nullptr) {
        conf.jwt.keys = prev.jwt.keys;
    }
    if (conf.jwt.keys != nullptr || (conf.gate.on != 1 && conf.oidc.provider == nullptr)) {
        return NGX_CONF_OK;
    }
    if (main.generated_keys == nullptr) {
        main.generated_keys = generated_keys(cf, main.state_path);
        if (main.generated_keys == nullptr) {
            return static_cast<char*>(NGX_CONF_ERROR);
        }
    }
    conf.jwt.keys = main.generated_keys;
    return NGX_CONF_OK;
}

char* refuse_combination(ngx_conf_t* cf, const char* what) noexcept {
    auto* core = core_conf(cf);
    ngx_log_error(NGX_LOG_EMERG, cf->log, 0, "%s, in location \"%V\"", what, &core->name);
    return static_cast<char*>(NGX_CONF_ERROR);
}

char* merge_mfa(ngx_conf_t* cf, MainConf& main, const LocationConf& prev, LocationConf& conf) {
    auto* core = core_conf(cf);

    if (conf.mfa.raw_mode == NGX_CONF_UNSET_UINT) {
        conf.mfa.dry_run = prev.mfa.raw_mode == NGX_CONF_UNSET_UINT ? 0 : prev.mfa.dry_run;
    }
    ngx_conf_merge_uint_value(conf.mfa.raw_mode, prev.mfa.raw_mode, static_cast<ngx_uint_t>(MfaMode::off));
    ngx_conf_merge_value(conf.mfa.sockets, prev.mfa.sockets, 1);
    ngx_conf_merge_value(conf.mfa.app_config, ngx_flag_t{NGX_CONF_UNSET}, 0);
    ngx_conf_merge_value(conf.mfa.app_settings, ngx_flag_t{NGX_CONF_UNSET}, 0);
    ngx_conf_merge_value(conf.mfa.disable, ngx_flag_t{NGX_CONF_UNSET}, 0);
    if (conf.identity.source == nullptr) {
        conf.identity.source = prev.identity.source;
    }
    if (conf.mfa.url == unset_pointer<ngx_http_complex_value_t>()) {
        conf.mfa.url = prev.mfa.url == unset_pointer<ngx_http_complex_value_t>() ? nullptr : prev.mfa.url;
    }

    const bool asks = conf.gate.on == 1 && (conf.mfa.mode() == MfaMode::policy || conf.mfa.mode() == MfaMode::always);
    if (asks && conf.identity.source == nullptr) {
        return refuse_combination(cf, "\"auth_gate_mfa\" needs \"auth_gate_identity\" to know who has MFA");
    }
    if (asks && core->satisfy == NGX_HTTP_SATISFY_ANY) {
        return refuse_combination(cf, "\"satisfy any\" would be a way around \"auth_gate_mfa\"");
    }
    if (conf.mfa.app_settings == 1 && (conf.gate.on != 1 || conf.jwt.accepted != 1 || conf.token.purposes != nullptr)) {
        return refuse_combination(cf, "\"auth_gate_app_settings\" needs \"auth_gate jwt\" and no \"token=\"");
    }
    if (conf.mfa.app_config + conf.mfa.app_settings + conf.mfa.disable > 1) {
        return refuse_combination(
            cf, conf.mfa.disable != 1 ? "\"auth_gate_app_settings\" and \"auth_gate_app_config\" need a location each"
                : conf.mfa.app_config == 1
                    ? "\"auth_gate_mfa_disable\" and \"auth_gate_app_config\" need a location each"
                    : "\"auth_gate_mfa_disable\" and \"auth_gate_app_settings\" need a location each");
    }
    if (conf.mfa.disable == 1 && (conf.gate.on != 1 || conf.jwt.accepted != 1)) {
        return refuse_combination(cf, "\"auth_gate_mfa_disable\" needs \"auth_gate jwt\" to know whose MFA it is");
    }
    if (conf.mfa.app_settings == 1 && conf.identity.source == nullptr) {
        return refuse_combination(
            cf, "\"auth_gate_app_settings\" needs \"auth_gate_identity\" to know who is an administrator");
    }
    if (conf.mfa.app_settings == 1 && core->satisfy == NGX_HTTP_SATISFY_ANY) {
        return refuse_combination(cf, "\"satisfy any\" would be a way around \"auth_gate_app_settings\"");
    }

    const bool stored = conf.mfa.app_config == 1 || conf.mfa.app_settings == 1 || conf.mfa.disable == 1 ||
                        (asks && conf.mfa.mode() == MfaMode::policy);
    if (stored) {
        ngx_str_set(&main.state_wanted_by, "auth_gate_mfa");
    }
    if (stored || asks) {
        ngx_str_set(&main.zone_wanted_by, "auth_gate_mfa");
    }
    return NGX_CONF_OK;
}

void add_to(ngx_conf_t* cf, std::vector<std::string>*& list, const ngx_str_t& name) {
    if (list == nullptr) {
        list = make<std::vector<std::string>>(cf->pool);
    }
    list->emplace_back(view(name));
}

void remember_paths(ngx_conf_t* cf, ServerConf& server, const LocationConf& conf) {
    const auto* core = core_conf(cf);
#if (NGX_PCRE)
    const bool is_regex = core->regex != nullptr;
#else
    const bool is_regex = false;
#endif
    if (is_regex || core->noname || core->named || core->name.len == 0) {
        return;
    }
    add_to(cf, server.literals, core->name);

    const bool is_endpoint = conf.token.issue_purposes != nullptr || conf.mfa.app_config == 1 ||
                             conf.mfa.app_settings == 1 || conf.mfa.disable == 1 ||
                             conf.oidc.settings_provider != nullptr;
    if (is_endpoint || (conf.gate.on == 1 && core->exact_match)) {
        add_to(cf, server.endpoints, core->name);
        server.gated = 1;
    }
}

// What is remembered of users is kept apart by these.
void set_ids(LocationConf& conf) {
    if (conf.jwt.keys == nullptr) {
        return;
    }
    const auto id_of = [&](std::initializer_list<std::string_view> parts) {
        std::string text = std::to_string(conf.jwt.keys->key_set_id);
        for (const std::string_view part : parts) {
            text += '\0';
            text += part;
        }
        return short_hash(sha256(text));
    };
    conf.jwt.verifier_id = id_of({view(conf.jwt.user_claim)});
    if (conf.identity.source != nullptr) {
        const IdentityPaths& paths = conf.identity.source->paths;
        conf.identity.source_id = id_of({view(conf.identity.source->uri), paths.id, paths.role, paths.mfa});
    }
}

char* merge_location(ngx_conf_t* cf, const LocationConf& prev, LocationConf& conf) {
    auto* main = main_conf(cf);
    auto* server = server_conf(cf);

    conf.zone = main->zone;
    ngx_conf_merge_sec_value(conf.jwt.leeway, prev.jwt.leeway, 0);
    ngx_conf_merge_size_value(conf.jwt.max_size, prev.jwt.max_size, default_jwt_max_size);
    ngx_conf_merge_value(conf.jwt.require_exp, prev.jwt.require_exp, 1);
    ngx_conf_merge_str_value(conf.jwt.user_claim, prev.jwt.user_claim, "id");
    ngx_conf_merge_value(conf.jwt.upstream, prev.jwt.upstream, 1);
    ngx_conf_merge_sec_value(conf.jwt.upstream_ttl, prev.jwt.upstream_ttl, default_upstream_jwt_ttl);
    ngx_conf_merge_value(conf.gate.websocket_close, prev.gate.websocket_close, 0);
    if (conf.gate.login_url == unset_pointer<ngx_http_complex_value_t>()) {
        conf.gate.login_url =
            prev.gate.login_url == unset_pointer<ngx_http_complex_value_t>() ? nullptr : prev.gate.login_url;
    }
    if (conf.jwt.requirements == nullptr) {
        conf.jwt.requirements = prev.jwt.requirements;
    }
    if (conf.jwt.requirements == nullptr) {
        conf.jwt.requirements = make<Requirements>(cf->pool);
    }

    if (conf.token.issue_purposes != nullptr && conf.gate.on == 0) {
        log_at(cf, NGX_LOG_EMERG, conf.token.issue_place,
               "\"auth_gate_issue\" needs a session, so this location cannot be", borrowed("auth_gate off"));
        return static_cast<char*>(NGX_CONF_ERROR);
    }
    if (conf.token.issue_purposes != nullptr && conf.gate.on == 1 && conf.token.purposes != nullptr) {
        log_at(cf, NGX_LOG_EMERG, conf.token.issue_place,
               "\"auth_gate_issue\" needs a session, a token must not fetch tokens: remove", borrowed("token="));
        return static_cast<char*>(NGX_CONF_ERROR);
    }

    if (char* rc = merge_oidc(cf, *main, prev, conf); rc != NGX_CONF_OK) {
        return rc;
    }
    merge_gate(prev, conf);
    merge_sources(cf, prev, conf);
    if (char* rc = merge_keys(cf, *main, prev, conf); rc != NGX_CONF_OK) {
        return rc;
    }
    if (char* rc = merge_mfa(cf, *main, prev, conf); rc != NGX_CONF_OK) {
        return rc;
    }
    if (char* rc = check_oidc_settings(cf, *main, conf); rc != NGX_CONF_OK) {
        return rc;
    }
    set_ids(conf);
    if (conf.gate.on == 1) {
        server->gated = 1;
    }
    remember_paths(cf, *server, conf);
    if (char* rc = resolve_accepted(cf, *main, conf); rc != NGX_CONF_OK) {
        return rc;
    }
    return resolve_issued(cf, *main, prev, conf);
}

}  // namespace

Purpose* MainConf::find_purpose(std::string_view name) const noexcept {
    const auto found =
        std::find_if(purposes->begin(), purposes->end(), [&](const Purpose& purpose) { return purpose.name == name; });
    return found == purposes->end() ? nullptr : &*found;
}

const Purpose* MainConf::find_purpose(std::uint32_t id) const noexcept {
    const auto found =
        std::find_if(purposes->begin(), purposes->end(), [&](const Purpose& purpose) { return purpose.id == id; });
    return found == purposes->end() ? nullptr : &*found;
}

void* create_main_conf(ngx_conf_t* cf) noexcept {
    return shielded(cf->log, static_cast<void*>(nullptr), [&]() -> void* {
        auto* conf = plain<MainConf>(cf);
        if (conf == nullptr) {
            return nullptr;
        }
        conf->jwt_cache_size = NGX_CONF_UNSET;
        conf->purposes = make<std::vector<Purpose>>(cf->pool);
        for (const BuiltInPurpose& built_in : built_in_purposes) {
            conf->purposes->push_back(
                {std::string(built_in.name), purpose_id(built_in.name), built_in.ttl_ms, 0, false, false, false});
        }
        return conf;
    });
}

void* create_server_conf(ngx_conf_t* cf) noexcept {
    return plain<ServerConf>(cf);
}

char* merge_server_conf(ngx_conf_t*, void* parent, void* child) noexcept {
    const auto& prev = *static_cast<ServerConf*>(parent);
    auto& conf = *static_cast<ServerConf*>(child);
    if (conf.public_rules == nullptr) {
        conf.public_rules = prev.public_rules;
    }
    if (conf.mfa_exempt_rules == nullptr) {
        conf.mfa_exempt_rules = prev.mfa_exempt_rules;
    }
    return NGX_CONF_OK;
}

void* create_location_conf(ngx_conf_t* cf) noexcept {
    auto* conf = plain<LocationConf>(cf);
    if (conf == nullptr) {
        return nullptr;
    }
    conf->gate.on = NGX_CONF_UNSET;
    conf->jwt.leeway = NGX_CONF_UNSET;
    conf->jwt.max_size = NGX_CONF_UNSET_SIZE;
    conf->jwt.require_exp = NGX_CONF_UNSET;
    conf->jwt.upstream = NGX_CONF_UNSET;
    conf->jwt.upstream_ttl = NGX_CONF_UNSET;
    conf->gate.websocket_close = NGX_CONF_UNSET;
    conf->gate.login_url = unset_pointer<ngx_http_complex_value_t>();
    conf->mfa.raw_mode = NGX_CONF_UNSET_UINT;
    conf->mfa.sockets = NGX_CONF_UNSET;
    conf->mfa.url = unset_pointer<ngx_http_complex_value_t>();
    conf->mfa.app_config = NGX_CONF_UNSET;
    conf->mfa.app_settings = NGX_CONF_UNSET;
    conf->mfa.disable = NGX_CONF_UNSET;
    return conf;
}

char* merge_location_conf(ngx_conf_t* cf, void* parent, void* child) noexcept {
    return shielded(cf->log, static_cast<char*>(NGX_CONF_ERROR), [&] {
        return merge_location(cf, *static_cast<LocationConf*>(parent), *static_cast<LocationConf*>(child));
    });
}

char* init_main_conf(ngx_conf_t* cf, void* conf) noexcept {
    return shielded(cf->log, static_cast<char*>(NGX_CONF_ERROR), [&] {
        auto& main = *static_cast<MainConf*>(conf);
        ngx_conf_init_value(main.jwt_cache_size, default_jwt_cache_size);
        main.signer = make<JwtSigner>(cf->pool);
        main.sessions = make<SessionCache>(cf->pool, static_cast<std::size_t>(main.jwt_cache_size));
        return static_cast<char*>(NGX_CONF_OK);
    });
}

ngx_int_t check_conf(ngx_conf_t* cf) noexcept {
    auto* main = main_conf(cf);

    if (main->zone_wanted_by.len != 0 && main->zone == nullptr) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0, "\"%V\" needs a zone, and there is no \"auth_gate_zone\"",
                      &main->zone_wanted_by);
        return NGX_ERROR;
    }
    if (main->state_wanted_by.len != 0 && main->state_path.len == 0) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"%V\" needs a place for its settings, and there is no \"auth_gate_state_path\"",
                      &main->state_wanted_by);
        return NGX_ERROR;
    }
    if (main->state_wanted_by.len != 0) {
        main->zone->set_state_path(main->state_path);
    }
    if (check_oidc(cf, *main) != NGX_OK) {
        return NGX_ERROR;
    }
    for (const Purpose& purpose : *main->purposes) {
        if (purpose.issued && !purpose.accepted) {
            ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                          "\"auth_gate_issue\" issues tokens for \"%s\", which no \"auth_gate token=\" accepts",
                          purpose.name.c_str());
        }
    }
    return NGX_OK;
}

}  // namespace auth_gate
