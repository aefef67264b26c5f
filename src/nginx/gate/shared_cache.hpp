// Keeps answers to users out of nginx's caches (proxy_cache, proxy_store and their likes), whose keys do not know
// users.
#pragma once

#include "nginx/ngx/ngx.hpp"

namespace auth_gate {

// For postconfiguration, when all blocks are merged: where a location of a server with a gate or a login has a cache, a
// predicate of ours is added to cache_bypass and no_cache of proxy, fastcgi, uwsgi and scgi.
ngx_int_t guard_caches(ngx_conf_t* cf) noexcept;

// Installs the filter that lets nothing be stored, by whatever module.
void install_cache_filter() noexcept;

}  // namespace auth_gate
