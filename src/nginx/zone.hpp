// The shared memory zone, and the token store in it.
#pragma once

#include "ngx.hpp"

#include "core/token_table.hpp"

namespace auth_gate {

// Milliseconds since the machine started: the clock of the store, the same for all workers, and one that
// nobody sets back.
std::uint64_t store_clock() noexcept;

class ShmTokenStore final : public TokenStore {
public:
    Put put(const TokenGrant& grant, std::uint64_t now_ms) override;
    Taken take(const Presented& presented, std::uint64_t now_ms) override;

    // Frees all tokens that have expired, a few at a time so that nobody waits.
    void expire(std::uint64_t now_ms) noexcept;

    void attach(ngx_slab_pool_t* pool, void* table, const TokenLimits& limits) noexcept;

private:
    ngx_slab_pool_t* pool_ = nullptr;
    void* table_ = nullptr;
    TokenLimits limits_;
};

struct Zone {
    ngx_shm_zone_t* shm = nullptr;
    TokenLimits limits;
    ShmTokenStore tokens;
};

// Null, and said why, when the size does not do for so many tokens. per_user 0 is the default share.
Zone* add_zone(ngx_conf_t* cf, ngx_str_t name, std::size_t size, std::uint32_t tokens, std::uint32_t per_user);

// Starts the periodic clean-up in this process.
void start_clean_up(ngx_cycle_t* cycle) noexcept;

}  // namespace auth_gate
