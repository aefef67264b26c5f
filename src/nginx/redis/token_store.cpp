#include "nginx/redis/token_store.hpp"

#if AUTH_GATE_HIREDIS

#include "core/redis/tokens.hpp"

namespace auth_gate {

namespace {

void put_answered(void* waiter, const redis::Reply* reply) noexcept {
    Put put = reply == nullptr ? Put{PutStatus::unavailable, 0} : redis::read_put(*reply);
    static_cast<Pending<Put>*>(waiter)->answer(put);
}

// A command whose reply is lost may have been carried out: the token counts as spent.
void take_answered(void* waiter, const redis::Reply* reply) noexcept {
    Taken taken;
    taken.status = TakeStatus::unavailable;
    taken = shielded(ngx_cycle->log, std::move(taken), [&] {
        Taken read;
        read.status = TakeStatus::unavailable;
        return reply == nullptr ? std::move(read) : redis::read_taken(*reply);
    });
    static_cast<Pending<Taken>*>(waiter)->answer(std::move(taken));
}

}  // namespace

void RedisTokenStore::put(const TokenGrant& grant, std::uint64_t, Pending<Put>& answer) {
    auto* command = connection_->send(redis::put_call(names_, grant, limits_), put_answered, &answer);
    if (command == nullptr) {
        answer.answer({PutStatus::unavailable, connection_->retry_after_ms()});
        return;
    }
    answer.ask(command, RedisConnection::abandon);
}

void RedisTokenStore::take(const Presented& presented, std::uint64_t, Pending<Taken>& answer) {
    auto* command = connection_->send(redis::take_call(names_, presented), take_answered, &answer);
    if (command == nullptr) {
        Taken taken;
        taken.status = TakeStatus::unavailable;
        answer.answer(std::move(taken));
        return;
    }
    answer.ask(command, RedisConnection::abandon);
}

}  // namespace auth_gate

#endif
