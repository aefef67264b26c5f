#include "nginx/redis/login_store.hpp"

#if AUTH_GATE_HIREDIS

#include "core/redis/logins.hpp"

namespace auth_gate {

namespace {

void kept(void* waiter, const redis::Reply* reply) noexcept {
    static_cast<Pending<bool>*>(waiter)->answer(reply != nullptr && redis::read_kept(*reply));
}

void found(void* waiter, const redis::Reply* reply) noexcept {
    static_cast<Pending<oidc::Record>*>(waiter)->answer(reply == nullptr ? oidc::Record() : redis::read_record(*reply));
}

}  // namespace

template <typename Answer, typename MakeCall>
void RedisLoginStore::ask(Pending<Answer>& answer, RedisConnection::Done done, MakeCall&& make_call) noexcept {
    auto* none = static_cast<RedisConnection::Command*>(nullptr);
    auto* command = shielded(ngx_cycle->log, none, [&] { return connection_->send(make_call(), done, &answer); });
    if (command == nullptr) {
        answer.answer(Answer());
    } else {
        answer.ask(command, RedisConnection::abandon);
    }
}

void RedisLoginStore::put(oidc::RecordKind kind, const Digest& digest, std::uint64_t owner, std::string_view payload,
                          std::uint64_t lifetime_ms, Pending<bool>& answer) noexcept {
    if (kind == oidc::RecordKind::mfa) {
        local_->put(kind, digest, owner, payload, lifetime_ms, answer);
    } else if (payload.size() > oidc::Record::longest) {
        answer.answer(false);
    } else {
        ask(answer, kept, [&] { return redis::put_call(names_, kind, digest, owner, payload, lifetime_ms); });
    }
}

void RedisLoginStore::take(oidc::RecordKind kind, const Digest& digest, Pending<oidc::Record>& answer) noexcept {
    if (kind == oidc::RecordKind::mfa) {
        local_->take(kind, digest, answer);
    } else {
        ask(answer, found, [&] { return redis::remove_call(names_, kind, digest); });
    }
}

void RedisLoginStore::look(oidc::RecordKind kind, const Digest& digest, Pending<oidc::Record>& answer) noexcept {
    if (kind == oidc::RecordKind::mfa) {
        local_->look(kind, digest, answer);
    } else {
        ask(answer, found, [&] { return redis::look_call(names_, kind, digest); });
    }
}

}  // namespace auth_gate

#endif
