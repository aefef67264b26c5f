#include "nginx/token/shm_token_store.hpp"

#include "nginx/state/zone_lock.hpp"

namespace auth_gate {

namespace {

constexpr std::uint32_t expired_at_once = 32;

}  // namespace

void ShmTokenStore::attach(ngx_slab_pool_t* pool, void* table, const TokenLimits& limits) noexcept {
    pool_ = pool;
    table_ = table;
    limits_ = limits;
}

bool ShmTokenStore::expire_some(std::uint64_t now_ms) noexcept {
    TokenTable table(table_);
    table.look_ahead(now_ms, expired_at_once);
    const ZoneLock lock(pool_);
    return table.expire(now_ms, expired_at_once) == expired_at_once;
}

std::uint32_t ShmTokenStore::live() const noexcept {
    return TokenTable(table_).live();
}

void ShmTokenStore::put(const TokenGrant& grant, std::uint64_t now_ms, Pending<Put>& answer) {
    const auto try_put = [&] {
        const ZoneLock lock(pool_);
        TokenTable table(table_);
        Put put{table.put(grant, limits_, now_ms), 0};
        if (put.status == PutStatus::full || put.status == PutStatus::sessions_full) {
            const std::uint64_t next = table.next_expiry_ms();
            put.retry_after_ms = next > now_ms ? next - now_ms : 0;
        } else if (put.status == PutStatus::user_full) {
            put.retry_after_ms = grant.lifetime_ms;
        }
        return put;
    };

    const auto is_full = [](const Put& put) {
        return put.status == PutStatus::full || put.status == PutStatus::sessions_full ||
               put.status == PutStatus::user_full;
    };
    Put put = try_put();
    for (bool more = true; is_full(put) && more;) {
        more = expire_some(now_ms);
        put = try_put();
    }
    answer.answer(put);
}

void ShmTokenStore::expect(const Digest& digest) const noexcept {
    TokenTable(table_).fetch_bucket(digest);
}

void ShmTokenStore::expect_now(const Digest& digest) const noexcept {
    TokenTable(table_).fetch_slot(digest);
}

void ShmTokenStore::take(const Presented& presented, std::uint64_t now_ms, Pending<Taken>& answer) {
    TokenTable::Found found;
    {
        const ZoneLock lock(pool_);
        found = TokenTable(table_).take(presented, now_ms);
    }
    Taken taken{found.status, found.purpose, found.session_exp, found.account_scope, found.facts, {}, {}};
    if (taken.good()) {
        taken.user = {found.user_kind, std::string(found.user, found.user_size)};
        taken.session.assign(found.session, found.session_size);
    }
    answer.answer(std::move(taken));
}

}  // namespace auth_gate
