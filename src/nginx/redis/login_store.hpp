// Logins in Redis: one that begins on a host may end on another.
#pragma once

#if AUTH_GATE_HIREDIS

#include "nginx/redis/connection.hpp"

#include "core/oidc/store.hpp"
#include "core/redis/names.hpp"

namespace auth_gate {

class RedisLoginStore final : public oidc::Store {
public:
    RedisLoginStore(RedisConnection& connection, std::string_view prefix) : connection_(&connection), names_(prefix) {}

    // What a provider said of a session's MFA stays here: who asks for it does not wait.
    void set_local(oidc::Store& local) noexcept { local_ = &local; }

    // Where the server is away, nothing is kept and nothing found.
    void put(oidc::RecordKind kind, const Digest& digest, std::uint64_t owner, std::string_view payload,
             std::uint64_t lifetime_ms, Pending<bool>& kept) noexcept override;
    void take(oidc::RecordKind kind, const Digest& digest, Pending<oidc::Record>& record) noexcept override;
    void look(oidc::RecordKind kind, const Digest& digest, Pending<oidc::Record>& record) noexcept override;

private:
    template <typename Answer, typename MakeCall>
    void ask(Pending<Answer>& answer, RedisConnection::Done done, MakeCall&& make_call) noexcept;

    RedisConnection* connection_;
    redis::Names names_;
    oidc::Store* local_ = nullptr;
};

}  // namespace auth_gate

#endif
