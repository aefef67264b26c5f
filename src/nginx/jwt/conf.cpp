#include "nginx/jwt/conf.hpp"

#include "nginx/conf/conf.hpp"
#include "nginx/jwt/secrets.hpp"
#include "nginx/ngx/pool_object.hpp"

#include "core/identity/account.hpp"

#include <algorithm>

namespace auth_gate {

namespace {

constexpr size_t default_max_size = 8192;
constexpr ssize_t default_cache_size = 512 * 1024;

// The claim with the user's id is only known here.
char* check_upstream_claims(ngx_conf_t* cf, const LocationConf& conf) {
    const std::vector<ClaimToSet>& claims = conf.jwt.upstream->claims;
    const auto found = std::find_if(claims.begin(), claims.end(),
                                    [&](const ClaimToSet& claim) { return claim.name == view(conf.jwt.user_claim); });
    if (found == claims.end()) {
        return NGX_CONF_OK;
    }
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "\"auth_gate_upstream_jwt\" cannot set \"%V\", the claim with the user's id",
                       &conf.jwt.user_claim);
    return failed;
}

// What is put somewhere for the application is what it reads there.
JwtSources* session_places(ngx_conf_t* cf, const JwtConf& jwt) {
    auto* places = make<JwtSources>(cf->pool, *jwt.sources);
    if (const auto& to = jwt.upstream->to; to && to->kind == jwt::PlaceKind::header) {
        places->headers.push_back(to->name);
    } else if (to && to->kind == jwt::PlaceKind::cookie &&
               std::find(places->cookies.begin(), places->cookies.end(), to->name) == places->cookies.end()) {
        places->cookies.push_back(to->name);
    }
    return places;
}

}  // namespace

char* merge_jwt(ngx_conf_t* cf, const LocationConf& prev, LocationConf& conf) {
    inherit(conf.jwt.sources, prev.jwt.sources);
    if (conf.jwt.sources == nullptr) {
        conf.jwt.sources = make<JwtSources>(cf->pool);
        conf.jwt.sources->schemes.emplace_back("Bearer");
    }
    inherit(conf.jwt.keys, prev.jwt.keys);
    inherit(conf.jwt.requirements, prev.jwt.requirements);
    if (conf.jwt.requirements == nullptr) {
        conf.jwt.requirements = make<Requirements>(cf->pool);
    }
    ngx_conf_merge_sec_value(conf.jwt.leeway, prev.jwt.leeway, 0);
    ngx_conf_merge_size_value(conf.jwt.max_size, prev.jwt.max_size, default_max_size);
    ngx_conf_merge_value(conf.jwt.require_exp, prev.jwt.require_exp, 1);
    ngx_conf_merge_str_value(conf.jwt.user_claim, prev.jwt.user_claim, "id");
    inherit(conf.jwt.upstream, prev.jwt.upstream);
    if (conf.jwt.upstream == nullptr) {
        conf.jwt.upstream = make<UpstreamJwt>(cf->pool);
    }
    conf.jwt.places = session_places(cf, conf.jwt);
    return check_upstream_claims(cf, conf);
}

char* complete_keys(ngx_conf_t* cf, const LocationConf&, LocationConf& conf) {
    MainConf& main = *main_conf(cf);
    if (conf.jwt.keys == nullptr && (conf.gate.on == 1 || conf.oidc.provider != nullptr)) {
        if (main.generated_keys == nullptr) {
            main.generated_keys = generated_keys(cf, main.state_path);
        }
        if (main.generated_keys == nullptr) {
            return failed;
        }
        conf.jwt.keys = main.generated_keys;
    }
    if (conf.jwt.keys != nullptr) {
        conf.jwt.verifier_id = key_set_hash(*conf.jwt.keys, {view(conf.jwt.user_claim)});
        conf.jwt.scopes = make<std::vector<std::uint64_t>>(cf->pool);
        for (const std::uint64_t key_id : conf.jwt.keys->key_ids) {
            conf.jwt.scopes->push_back(account_scope(key_id, view(conf.jwt.user_claim)));
        }
    }
    return NGX_CONF_OK;
}

void complete_jwt(ngx_conf_t* cf, MainConf& main) {
    ngx_conf_init_value(main.jwt_cache_size, default_cache_size);
    main.signer = make<JwtSigner>(cf->pool);
    main.sessions = make<SessionCache>(cf->pool, static_cast<std::size_t>(main.jwt_cache_size));
}

std::uint64_t key_set_hash(const Keys& keys, std::initializer_list<std::string_view> parts) {
    std::string text;
    for (const std::uint64_t key_id : keys.key_ids) {
        text += std::to_string(key_id) + ' ';
    }
    for (const std::string_view part : parts) {
        text += '\0';
        text += part;
    }
    return short_hash(sha256(text));
}

}  // namespace auth_gate
