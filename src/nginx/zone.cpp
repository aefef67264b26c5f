#include "zone.hpp"

#include "conf.hpp"

#include <algorithm>

namespace auth_gate {

namespace {

constexpr std::uint32_t expired_at_once = 64;
constexpr ngx_msec_t clean_up_interval_ms = 1000;
constexpr std::uint32_t default_share = 10;  // a tenth of all tokens for one user,
constexpr std::uint32_t least_share = 100;   // and in a small zone not less than this

// Of a zone, three quarters are for tokens; its own bookkeeping and what else the gate shares get the rest.
std::uint32_t capacity_of_zone(std::size_t size) noexcept {
    return TokenTable::capacity_of(size / 4 * 3);
}

// The zone's slab mutex: the one lock that nginx's master frees when its holder is killed. Taken without
// the semaphore that ngx_shmtx_lock() sleeps on, since a killed holder may never have posted it.
class Lock {
public:
    explicit Lock(ngx_slab_pool_t* pool) noexcept : mutex_(pool->mutex) {
        constexpr ngx_uint_t most_spins = 1024;
        for (ngx_uint_t spins = 1; !ngx_shmtx_trylock(&mutex_); spins = std::min(2 * spins, most_spins)) {
            if (ngx_ncpu == 1 || spins == most_spins) {
                ngx_sched_yield();
                continue;
            }
            for (ngx_uint_t i = 0; i < spins; ++i) {
                ngx_cpu_pause();
            }
        }
    }
    ~Lock() { ngx_shmtx_unlock(&mutex_); }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

private:
    ngx_shmtx_t& mutex_;
};

ngx_int_t init_zone(ngx_shm_zone_t* shm, void* old) noexcept {
    auto* zone = static_cast<Zone*>(shm->data);
    auto* pool = static_cast<ngx_slab_pool_t*>(static_cast<void*>(shm->shm.addr));
    const std::uint32_t capacity = capacity_of_zone(shm->shm.size);

    // On a reload old workers still use the table: attach to it, as nginx attached to the zone.
    if (old != nullptr || shm->shm.exists) {
        if (pool->data == nullptr || !TokenTable(pool->data).is_formatted(capacity)) {
            ngx_log_error(NGX_LOG_EMERG, shm->shm.log, 0,
                          "auth_gate_zone \"%V\" has another layout: give it another name or restart nginx",
                          &shm->shm.name);
            return NGX_ERROR;
        }
        zone->tokens.attach(pool, pool->data, zone->limits);
        return NGX_OK;
    }

    // Fresh shared memory is zeroed, and only a header is written: a large zone costs nothing at start.
    void* table = ngx_slab_alloc(pool, TokenTable::bytes_for(capacity));
    if (table == nullptr) {
        return NGX_ERROR;
    }
    TokenTable(table).format(capacity);
    pool->data = table;
    pool->log_nomem = 0;
    zone->tokens.attach(pool, table, zone->limits);
    return NGX_OK;
}

// One timer a process. The zone is looked up when it fires: a reload in a single process replaces it.
ngx_event_t clean_up_timer;
ngx_connection_t clean_up_connection;  // for nginx's debug log, which wants one

void clean_up(ngx_event_t* event) noexcept {
    if (ngx_exiting) {
        return;
    }
    auto* main = static_cast<MainConf*>(ngx_http_cycle_get_module_main_conf(ngx_cycle, ngx_http_auth_gate_module));
    if (main != nullptr && main->zone != nullptr) {
        main->zone->tokens.expire(store_clock());
    }
    ngx_add_timer(event, clean_up_interval_ms);
}

}  // namespace

std::uint64_t store_clock() noexcept {
    return ngx_current_msec;
}

void ShmTokenStore::attach(ngx_slab_pool_t* pool, void* table, const TokenLimits& limits) noexcept {
    pool_ = pool;
    table_ = table;
    limits_ = limits;
}

void ShmTokenStore::expire(std::uint64_t now_ms) noexcept {
    std::uint32_t count;
    do {
        const Lock lock(pool_);
        count = TokenTable(table_).expire(now_ms, expired_at_once);
    } while (count == expired_at_once);
}

Put ShmTokenStore::put(const TokenGrant& grant, std::uint64_t now_ms) {
    const auto try_put = [&] {
        const Lock lock(pool_);
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
        const Lock lock(pool_);
        found = TokenTable(table_).take(presented, now_ms);
    }
    Taken taken{found.status, found.purpose, found.session_exp, {}};
    if (taken.good()) {
        taken.user = {found.user_kind, std::string(found.user, found.user_size)};
    }
    return taken;
}

Zone* add_zone(ngx_conf_t* cf, ngx_str_t name, std::size_t size, std::uint32_t tokens, std::uint32_t per_user) {
    const std::size_t least = 8 * ngx_pagesize;
    if (size < least || capacity_of_zone(size) < tokens) {
        const std::size_t needed = std::max(least, TokenTable::bytes_for(tokens) / 3 * 4 + 4);
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "auth_gate_zone \"%V\" is too small for tokens=%uD, it needs at least %uzk", &name, tokens,
                           (needed + 1023) / 1024);
        return nullptr;
    }
    ngx_shm_zone_t* shm = ngx_shared_memory_add(cf, &name, size, &ngx_http_auth_gate_module);
    if (shm == nullptr) {
        return nullptr;
    }
    Zone* zone = make<Zone>(cf->pool);
    zone->shm = shm;
    zone->limits.tokens = tokens;
    zone->limits.per_user =
        per_user != 0 ? std::min(per_user, tokens) : std::min(tokens, std::max(tokens / default_share, least_share));
    shm->data = zone;
    shm->init = init_zone;
    return zone;
}

void start_clean_up(ngx_cycle_t* cycle) noexcept {
    clean_up_connection.fd = static_cast<ngx_socket_t>(-1);
    clean_up_timer.data = &clean_up_connection;
    clean_up_timer.handler = clean_up;
    clean_up_timer.log = cycle->log;
    clean_up_timer.cancelable = 1;
    ngx_add_timer(&clean_up_timer, clean_up_interval_ms);
}

}  // namespace auth_gate
