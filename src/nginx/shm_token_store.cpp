#include "shm_token_store.hpp"

#include "zone_lock.hpp"

namespace auth_gate {

namespace {

constexpr std::uint32_t expired_at_once = 64;

}  // namespace

void ShmTokenStore::attach(ngx_slab_pool_t* pool, void* table, const TokenLimits& limits) noexcept {
    pool_ = pool;
    table_ = table;
    limits_ = limits;
}

void ShmTokenStore::expire(std::uint64_t now_ms) noexcept {
    std::uint32_t count;
    do {
        const ZoneLock lock(pool_);
        count = TokenTable(table_).expire(now_ms, expired_at_once);
    } while (count == expired_at_once);
}

std::uint32_t ShmTokenStore::live() const noexcept {
    return TokenTable(table_).live();
}

Put ShmTokenStore::put(const TokenGrant& grant, std::uint64_t now_ms) {
    const auto try_put = [&] {
        const ZoneLock lock(pool_);
        TokenTable table(table_);
        Put put{table.put(grant, limits_, now_ms), 0};
        if (put.status == PutStatus::full) {
            const std::uint64_t next = table.next_expiry_ms();
            put.retry_after_ms = next > now_ms ? next - now_ms : 0;
        } else if (put.status == PutStatus::user_full) {
            put.retry_after_ms = grant.lifetime_ms;
        }
        return put;
    };

    Put put = try_put();
    if (put.status == PutStatus::full || put.status == PutStatus::user_full) {
        expire(now_ms);
        put = try_put();
    }
    return put;
}

Taken ShmTokenStore::take(const Presented& presented, std::uint64_t now_ms) {
    TokenTable::Found found;
    {
        const ZoneLock lock(pool_);
        found = TokenTable(table_).take(presented, now_ms);
    }
    Taken taken{found.status, found.purpose, found.session_exp, found.notes, {}};
    if (taken.good()) {
        taken.user = {found.user_kind, std::string(found.user, found.user_size)};
    }
    return taken;
}

}  // namespace auth_gate
