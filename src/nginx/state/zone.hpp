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

// Whether this process keeps its zones until it ends. With `master_process off`, a reload can unmap them.
inline bool has_lasting_zones() noexcept {
    return ngx_process == NGX_PROCESS_WORKER;
}

// The beginning of the zone's memory. Fixed width and no pointers: old and new workers share it.
struct ZoneHeader {
    std::uint64_t magic;
    std::uint32_t layout_version;
    std::uint32_t token_capacity;
    std::uint32_t identity_capacity;
    std::uint32_t drop_counters;
    std::uint32_t session_blocks;
    std::uint32_t has_settings_file;  // the settings are those of a file

    // The settings in force and their version in one word, so that readers see them change together.
    std::uint64_t settings;

    // How often the settings were read from the file. Who has read the file publishes it only if nobody else has done
    // so since: so what is published last is never older than what was published before.
    std::uint64_t settings_reads;

    // Which file a worker has written last: FileStamp::hash(). Only who holds the lock on the state directory writes
    // it.
    std::uint64_t settings_written;

    std::uint64_t counters[counter_count];

    SipHashKey hash_key;  // random, so that nobody can choose user ids with equal keys
};

class Zone {
public:
    // Null, after logging why, when the size is too small for so many tokens. `per_user` 0 is the default share.
    static Zone* add(ngx_conf_t* cf, ngx_str_t name, std::size_t size, std::uint32_t tokens, std::uint32_t per_user);

    const TokenLimits& limits() const noexcept { return limits_; }
    ShmTokenStore& tokens() noexcept { return tokens_; }

    // The directory of the settings file. Without it, the settings are the defaults.
    void set_state_path(const ngx_str_t& path) noexcept { state_path_ = path; }
    bool keeps_settings() const noexcept { return state_path_.len != 0; }

    Settings settings() const noexcept;

    // Changes with the settings. 0: there are none yet.
    std::uint64_t settings_version() const noexcept;

    std::uint64_t settings_reads() const noexcept;
    bool has_settings_file() const noexcept;

    // Puts the file's settings in force, which were read after settings_reads() had said `reads`. False when somebody
    // else has done so since: then they have to be read again.
    bool publish(const Settings& settings, std::uint64_t reads) noexcept;

    // See StateEdit.
    std::uint64_t& settings_written() noexcept { return header_->settings_written; }

    // Puts settings in force that are not from a file, in a new zone. `had_file`: they once were from one.
    void begin_with(const Settings& settings, bool had_file) noexcept;

    // The same in all workers. See core/identity/account.hpp.
    AccountKey account(std::uint64_t scope, const UserId& user) const noexcept;
    IdentityKey identity(AccountKey account, const IdentityContext& context) const noexcept;
    std::uint64_t host_hash(std::string_view name, std::string_view host) noexcept;

    // Forgets all identities of an account, also those that are just being asked for.
    void drop(AccountKey account) noexcept;

    // Changes with each drop of the account. Others may share its counter.
    std::uint32_t drops(AccountKey account) const noexcept;

    // See IdentityTable.
    IdentityTable::Found look_up(IdentityKey key, std::uint64_t asking_ms) noexcept;
    void store(IdentityKey key, std::uint32_t ticket, const Identity& identity, std::uint64_t ttl_ms) noexcept;
    void give_up(IdentityKey key, std::uint32_t ticket) noexcept;

    void count(Counter counter) noexcept;
    std::uint64_t counted(Counter counter) const noexcept;

    ngx_int_t init(ngx_shm_zone_t* shm, bool attach) noexcept;

private:
    IdentityTable identities() const noexcept;
    std::uint32_t& drop_counter(AccountKey account) const noexcept;
    void set_settings(const Settings& settings) noexcept;

    TokenLimits limits_;
    ngx_str_t state_path_{};
    ngx_slab_pool_t* pool_ = nullptr;
    ZoneHeader* header_ = nullptr;
    std::uint32_t* drop_counters_ = nullptr;
    void* identities_ = nullptr;
    HostHash host_hash_;  // of this process
    ShmTokenStore tokens_;
};

}  // namespace auth_gate
