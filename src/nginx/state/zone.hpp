// The shared memory zone: the state that all workers share, and that survives a reload.
#pragma once

#include "nginx/ngx/ngx.hpp"
#include "nginx/state/metrics.hpp"
#include "nginx/token/shm_token_store.hpp"

#include "core/base/siphash.hpp"
#include "core/identity/identity_table.hpp"
#include "core/mfa/settings.hpp"

#include <atomic>

namespace auth_gate {

// Milliseconds since the machine started. All workers read the same monotonic clock.
std::uint64_t zone_clock() noexcept;

// The beginning of the zone's memory. Fixed width and no pointers: old and new workers share it.
struct ZoneHeader {
    static constexpr std::size_t remembered_drops = 64;

    std::uint64_t magic;
    std::uint32_t layout_version;
    std::uint32_t token_capacity;
    std::uint32_t identity_capacity;
    std::uint32_t unused;

    // The settings in force and their version in one word, so that readers see them change together.
    std::uint64_t settings;

    // The identities dropped last, for the workers that watch these users' WebSockets.
    std::uint64_t drops;
    std::uint64_t dropped[remembered_drops];

    std::uint64_t counters[counter_count];

    SipHashKey user_key;  // random, so that nobody can choose user ids with equal keys
};

class Zone {
public:
    // Null, after logging why, when the size is too small for so many tokens. `per_user` 0 is the default share.
    static Zone* add(ngx_conf_t* cf, ngx_str_t name, std::size_t size, std::uint32_t tokens, std::uint32_t per_user);

    ShmTokenStore& tokens() noexcept { return tokens_; }

    // The directory of the settings file. Without it, the settings are the defaults.
    void set_state_path(const ngx_str_t& path) noexcept { state_path_ = path; }

    Settings settings() const noexcept;

    // Changes with each publish().
    std::uint64_t settings_version() const noexcept;

    void publish(const Settings& settings) noexcept;

    // A number for a user, the same in all workers. `application` tells apart the applications that give out user ids.
    std::uint64_t user_key(std::uint64_t application, const UserId& user) const noexcept;

    // See IdentityTable.
    IdentityTable::Found look_up(std::uint64_t key, std::uint64_t asking_ms) noexcept;
    void store(std::uint64_t key, std::uint32_t ticket, const Identity& identity, std::uint64_t ttl_ms) noexcept;
    void give_up(std::uint64_t key, std::uint32_t ticket) noexcept;
    void drop(std::uint64_t key) noexcept;

    std::uint64_t drops() const noexcept;

    // The key of drop number `n`, counted from 0. 0 when it is no longer remembered.
    std::uint64_t dropped(std::uint64_t n) const noexcept;

    void count(Counter counter) noexcept;
    std::uint64_t counted(Counter counter) const noexcept;

    ngx_int_t init(ngx_shm_zone_t* shm, bool attach) noexcept;

private:
    IdentityTable identities() const noexcept;

    TokenLimits limits_;
    ngx_str_t state_path_{};
    ngx_slab_pool_t* pool_ = nullptr;
    ZoneHeader* header_ = nullptr;
    void* identities_ = nullptr;
    ShmTokenStore tokens_;
};

}  // namespace auth_gate
