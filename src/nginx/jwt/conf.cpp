#include "nginx/jwt/conf.hpp"

#include "nginx/conf/conf.hpp"
#include "nginx/jwt/secrets.hpp"
#include "nginx/ngx/pool_object.hpp"

namespace auth_gate {

namespace {

constexpr time_t default_upstream_ttl = 60;
constexpr size_t default_max_size = 8192;
constexpr ssize_t default_cache_size = 512 * 1024;

}  // namespace

char* merge_jwt(ngx_conf_t* cf, const LocationConf& prev, LocationConf& conf) {
    inherit(conf.jwt.sources, prev.jwt.sources);
    if (conf.jwt.sources == nullptr) {
        conf.jwt.sources = make<JwtSources>(cf->pool);
        conf.jwt.sources->bearer = true;
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
    ngx_conf_merge_value(conf.jwt.upstream, prev.jwt.upstream, 1);
    ngx_conf_merge_sec_value(conf.jwt.upstream_ttl, prev.jwt.upstream_ttl, default_upstream_ttl);
    return NGX_CONF_OK;
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
    }
    return NGX_CONF_OK;
}

void complete_jwt(ngx_conf_t* cf, MainConf& main) {
    ngx_conf_init_value(main.jwt_cache_size, default_cache_size);
    main.signer = make<JwtSigner>(cf->pool);
    main.sessions = make<SessionCache>(cf->pool, static_cast<std::size_t>(main.jwt_cache_size));
}

std::uint64_t key_set_hash(const Keys& keys, std::initializer_list<std::string_view> parts) {
    std::string text = std::to_string(keys.key_set_id);
    for (const std::string_view part : parts) {
        text += '\0';
        text += part;
    }
    return short_hash(sha256(text));
}

}  // namespace auth_gate
