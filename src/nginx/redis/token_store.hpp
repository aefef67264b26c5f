// The token store in Redis, which any number of hosts share.
#pragma once

#if AUTH_GATE_HIREDIS

#include "nginx/redis/connection.hpp"

#include "core/redis/names.hpp"
#include "core/token/token.hpp"

namespace auth_gate {

class RedisTokenStore final : public TokenStore {
public:
    RedisTokenStore(RedisConnection& connection, std::string_view prefix) : connection_(&connection), names_(prefix) {}

    void set_limits(const TokenLimits& limits) noexcept { limits_ = limits; }

    bool is_far() const noexcept override { return true; }

    // Both answer later, or at once when the server is away. The clock is the server's own.
    void put(const TokenGrant& grant, std::uint64_t now_ms, Pending<Put>& answer) override;
    void take(const Presented& presented, std::uint64_t now_ms, Pending<Taken>& answer) override;

private:
    RedisConnection* connection_;
    redis::Names names_;
    TokenLimits limits_;
};

}  // namespace auth_gate

#endif
