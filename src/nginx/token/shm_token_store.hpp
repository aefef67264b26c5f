// The token store in a shared memory zone.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include "core/token/token_table.hpp"

namespace auth_gate {

class ShmTokenStore final : public TokenStore {
public:
    // Both answer at once.
    void put(const TokenGrant& grant, std::uint64_t now_ms, Pending<Put>& answer) override;
    void take(const Presented& presented, std::uint64_t now_ms, Pending<Taken>& answer) override;

    void expect(const Digest& digest) const noexcept override;
    void expect_now(const Digest& digest) const noexcept override;

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
