// The token store in a shared memory zone.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include "core/token/token_table.hpp"

namespace auth_gate {

class ShmTokenStore final : public TokenStore {
public:
    Put put(const TokenGrant& grant, std::uint64_t now_ms) override;
    Taken take(const Presented& presented, std::uint64_t now_ms) override;

    // take() of this digest will follow: see TokenTable.
    void fetch_bucket(const Digest& digest) const noexcept;
    void fetch_slot(const Digest& digest) const noexcept;

    // Frees a few of the tokens that have expired, so that nobody waits for long. True: there may be more.
    bool expire_some(std::uint64_t now_ms) noexcept;

    std::uint32_t live() const noexcept;

    void attach(ngx_slab_pool_t* pool, void* table, const TokenLimits& limits) noexcept;

private:
    ngx_slab_pool_t* pool_ = nullptr;
    void* table_ = nullptr;
    TokenLimits limits_;
};

}  // namespace auth_gate
