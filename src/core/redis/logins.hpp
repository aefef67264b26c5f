// Login records in Redis: flows and one-time codes. They are single-use, as tokens are.
#pragma once

#include "core/oidc/store.hpp"
#include "core/redis/names.hpp"
#include "core/redis/reply.hpp"
#include "core/redis/script.hpp"

namespace auth_gate::redis {

// At once on all hosts, and of one owner: a client's address that begins logins, or a user.
inline constexpr std::uint32_t most_logins = 65'536;
inline constexpr std::uint32_t most_logins_of_owner = 1024;

Call put_call(const Names& names, oidc::RecordKind kind, const Digest& digest, std::uint64_t owner,
              std::string_view payload, std::uint64_t lifetime_ms);

// Nothing is kept when all places are taken, or the reply is none of our script's.
bool read_kept(const Reply& reply) noexcept;

Call remove_call(const Names& names, oidc::RecordKind kind, const Digest& digest);
Call look_call(const Names& names, oidc::RecordKind kind, const Digest& digest);

// Of either call. Not found for any other reply.
oidc::Record read_record(const Reply& reply) noexcept;

}  // namespace auth_gate::redis
