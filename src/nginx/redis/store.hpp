// A store outside of this host, which makes any number of hosts one gate.
#pragma once

#include "nginx/ngx/ngx.hpp"

namespace auth_gate {

struct MainConf;

namespace oidc {
class Store;
}

// Puts the store in the place of shared memory, if there is one. NGX_ERROR, after logging why, without a zone.
ngx_int_t check_store(ngx_conf_t* cf, MainConf& main);

// Where logins are kept: in the store, or in the shared memory of OpenID Connect.
oidc::Store& login_store(const MainConf& main) noexcept;

// Connects this worker, without waiting.
void start_store() noexcept;
void stop_store() noexcept;

}  // namespace auth_gate
