// Tokens in Redis: the calls that store and take them, and what their replies mean.
#pragma once

#include "core/redis/names.hpp"
#include "core/redis/reply.hpp"
#include "core/redis/script.hpp"
#include "core/token/token.hpp"

namespace auth_gate::redis {

Call put_call(const Names& names, const TokenGrant& grant, const TokenLimits& limits);
Put read_put(const Reply& reply) noexcept;

Call take_call(const Names& names, const Presented& presented);

// Anything that our script does not answer is `unavailable`.
Taken read_taken(const Reply& reply);

}  // namespace auth_gate::redis
