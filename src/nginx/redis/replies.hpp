// Replies as hiredis reads them: which it may read, and what they are to us.
#pragma once

#if AUTH_GATE_HIREDIS

#include "nginx/redis/libhiredis.hpp"

#include "core/redis/reply.hpp"

namespace auth_gate {

// Of a reply, before all of it is there.
inline constexpr std::size_t most_unread = 64 * 1024;  // bytes

// Lets hiredis read what our scripts answer: it has an assertion for a reply that nobody asked for, and takes any size.
void guard_replies(redisAsyncContext& context) noexcept;

// Why hiredis gave the connection up. Valid as long as the context.
const char* reason(const redisAsyncContext& context) noexcept;

// Its texts are those of `reply`. Throws bad_alloc.
redis::Reply reply_of(const redisReply& reply);

}  // namespace auth_gate

#endif
