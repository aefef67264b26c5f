// The shared memory zone: what all workers know, and keep across a reload.
#pragma once

#include "nginx/ngx/ngx.hpp"
#include "nginx/token/shm_token_store.hpp"

#include "core/base/siphash.hpp"
#include "core/identity/identity_table.hpp"
#include "core/mfa/settings.hpp"

#include <atomic>

namespace auth_gate {

// Milliseconds since the machine started: the clock of the zone, the same for all workers, and one that
// nobody sets back.
std::uint64_t zone_clock() noexcept;

enum class Counter : std::uint8_t {
    tokens_issued,
    tokens_redeemed,
    tokens_refused,
    requests_refused,
    mfa_refused,
    mfa_dry_run,  // requests that a dry run let through and the policy would not
    sockets_closed,
};

constexpr std::size_t counter_count = 7;

// How the zone's memory begins. Fixed width, no pointers: old and new workers share it.
struct ZoneHeader {
    static constexpr std::size_t remembered_drops = 64;

    std::uint64_t magic;
    std::uint32_t layout_version;
    std::uint32_t token_capacity;
    std::uint32_t identity_capacity;
    std::uint32_t unused;

    // The settings in force, and how often they were set, in one word: a reader sees both or neither.
    std::uint64_t settings;

    // The last users whose MFA may have gone, for those who keep sockets open.
    std::uint64_t drops;
    std::uint64_t dropped[remembered_drops];

    std::uint64_t counters[counter_count];

    SipHashKey user_key;  // random, so that nobody can choose user ids that share a number
};

class Zone {
public:
    // Null, and said why, when the size does not do for so many tokens. per_user 0 is the default share.
    static Zone* add(ngx_conf_t* cf, ngx_str_t name, std::size_t size, std::uint32_t tokens, std::uint32_t per_user);

    ShmTokenStore& tokens() noexcept { return tokens_; }

    // Where the settings are kept; without it they are the defaults.
    void set_state_path(const ngx_str_t& path) noexcept { state_path_ = path; }

    Settings settings() const noexcept;

    // Changes with each publish().
    std::uint64_t settings_version() const noexcept;

    void publish(const Settings& settings) noexcept;

    // A number for a user, the same for all workers; `application` stands for the application that knows the user by
    // the id.
    std::uint64_t user_key(std::uint64_t application, const UserId& user) const noexcept;

    // See IdentityTable.
    IdentityTable::Found look_up(std::uint64_t key, std::uint64_t asking_ms) noexcept;
    void store(std::uint64_t key, std::uint32_t ticket, const Identity& identity, std::uint64_t ttl_ms) noexcept;
    void give_up(std::uint64_t key, std::uint32_t ticket) noexcept;
    void drop(std::uint64_t key) noexcept;

    std::uint64_t drops() const noexcept;

    // The key of drop number `n`, counted from 0; 0 when it is too long ago.
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
