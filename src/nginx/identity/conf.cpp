#include "nginx/identity/conf.hpp"

#include "nginx/conf/conf.hpp"

namespace auth_gate {

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

}  // namespace auth_gate
