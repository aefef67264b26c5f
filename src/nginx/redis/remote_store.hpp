// What auth_gate_store configures, and what a worker holds of it.
#pragma once

#include "nginx/conf/conf.hpp"
#include "nginx/redis/connection.hpp"
#include "nginx/redis/login_store.hpp"
#include "nginx/redis/token_store.hpp"

namespace auth_gate {

#if AUTH_GATE_HIREDIS

struct RemoteStore {
    RedisServer server;
    RedisConnection connection;
    RedisTokenStore tokens;
    RedisLoginStore logins;

    explicit RemoteStore(std::string_view prefix)
        : connection(server), tokens(connection, prefix), logins(connection, prefix) {}
};

#endif

}  // namespace auth_gate
