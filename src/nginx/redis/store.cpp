#include "nginx/redis/store.hpp"

#include "nginx/oidc/provider_conf.hpp"
#include "nginx/oidc/zone.hpp"
#include "nginx/redis/remote_store.hpp"
#include "nginx/state/zone.hpp"

namespace auth_gate {

#if AUTH_GATE_HIREDIS

ngx_int_t check_store(ngx_conf_t* cf, MainConf& main) {
    if (main.store == nullptr) {
        return NGX_OK;
    }
    if (main.zone == nullptr) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0, "\"auth_gate_store\" needs \"auth_gate_zone\"");
        return NGX_ERROR;
    }
    if (main.state_wanted_by.len != 0) {
        ngx_log_error(
            NGX_LOG_WARN, cf->log, 0,
            "\"%V\" keeps the policy on this host alone, \"auth_gate_store\" does not share it: set it on every "
            "host",
            &main.state_wanted_by);
    }
    main.store->tokens.set_limits(main.zone->limits());
    main.tokens = &main.store->tokens;
    if (main.oidc != nullptr) {
        main.store->logins.set_local(*main.oidc->zone);
    }
    return NGX_OK;
}

oidc::Store& login_store(const MainConf& main) noexcept {
    if (main.store != nullptr) {
        return main.store->logins;
    }
    return *main.oidc->zone;
}

void start_store() noexcept {
    const MainConf* main = current_main_conf();
    if (main != nullptr && main->store != nullptr) {
        main->store->connection.start();
    }
}

void stop_store() noexcept {
    const MainConf* main = current_main_conf();
    if (main != nullptr && main->store != nullptr) {
        main->store->connection.stop();
    }
}

#else

ngx_int_t check_store(ngx_conf_t*, MainConf&) {
    return NGX_OK;
}

oidc::Store& login_store(const MainConf& main) noexcept {
    return *main.oidc->zone;
}

void start_store() noexcept {}
void stop_store() noexcept {}

#endif

}  // namespace auth_gate
