#include "nginx/state/zone.hpp"

#include "nginx/conf/conf.hpp"
#include "nginx/mfa/settings_file.hpp"
#include "nginx/ngx/clock.hpp"
#include "nginx/ngx/pool_object.hpp"
#include "nginx/state/zone_lock.hpp"

namespace auth_gate {

namespace {

constexpr std::uint64_t magic = 0x4155544847415445;  // "AUTHGATE"
constexpr std::uint32_t layout_version = 8;
constexpr std::uint32_t default_share = 10;  // one user may have a tenth of all tokens,
constexpr std::uint32_t least_share = 100;   // but at least this many in a small zone
constexpr std::size_t usual_session = 300;   // bytes of a JWT's header and claims: few are larger

// Three quarters of a zone are for tokens, an eighth is for their sessions, a sixteenth for identities and a 64th for
// counters of drops. The rest is for bookkeeping.
std::uint32_t token_capacity(std::size_t size) noexcept {
    return TokenTable::capacity_of(size / 4 * 3);
}

std::uint32_t identity_capacity(std::size_t size) noexcept {
    return static_cast<std::uint32_t>(size / 16 / IdentityTable::bytes_for(1));
}

std::size_t least_size() noexcept {
    return 32 * ngx_pagesize;
}

// Two pages less: nginx's own bookkeeping.
std::uint32_t session_blocks(std::size_t size) noexcept {
    return SessionTexts::count_in(size / 8 - 2 * ngx_pagesize);
}

// Even, so that what follows is aligned.
std::uint32_t drop_counters_in(std::size_t size) noexcept {
    return static_cast<std::uint32_t>(size / 64 / (2 * sizeof(std::uint32_t)) * 2);
}

std::uint64_t load(const std::uint64_t& word) noexcept {
    return std::atomic_ref<std::uint64_t>(const_cast<std::uint64_t&>(word)).load(std::memory_order_acquire);
}

// The zone of the configuration that is in force; null at nginx's start, or without one.
const Zone* zone_before_reload() noexcept {
    const MainConf* main = ngx_is_init_cycle(ngx_cycle) ? nullptr : current_main_conf();
    return main != nullptr && main->zone != nullptr && main->zone->keeps_settings() ? main->zone : nullptr;
}

ngx_int_t init_zone(ngx_shm_zone_t* shm, void* old) noexcept {
    return static_cast<Zone*>(shm->data)->init(shm, old != nullptr || shm->shm.exists);
}

}  // namespace

std::uint64_t zone_clock() noexcept {
    return steady_clock_ms();
}

Zone* Zone::add(ngx_conf_t* cf, ngx_str_t name, std::size_t size, std::uint32_t tokens, std::uint32_t per_user) {
    const std::size_t least = least_size();
    if (size < least || token_capacity(size) < tokens) {
        const std::size_t needed = std::max(least, TokenTable::bytes_for(tokens) / 3 * 4 + 8);
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
    zone->limits_.tokens = tokens;
    zone->limits_.per_user =
        per_user != 0 ? std::min(per_user, tokens) : std::min(tokens, std::max(tokens / default_share, least_share));
    shm->data = zone;
    shm->init = init_zone;
    if (ngx_test_config) {
        ngx_conf_log_error(NGX_LOG_NOTICE, cf, 0,
                           "auth_gate_zone \"%V\" has room for %uD tokens of at least %uD sessions", &name, tokens,
                           session_blocks(size) / SessionTexts::blocks_for(usual_session));
    }
    return zone;
}

ngx_int_t Zone::init(ngx_shm_zone_t* shm, bool attach) noexcept {
    pool_ = static_cast<ngx_slab_pool_t*>(static_cast<void*>(shm->shm.addr));
    const std::uint32_t tokens = token_capacity(shm->shm.size);
    const std::uint32_t identities = identity_capacity(shm->shm.size);
    const std::uint32_t drop_counters = drop_counters_in(shm->shm.size);
    const std::uint32_t sessions = session_blocks(shm->shm.size);

    const auto has_another_layout = [&]() -> ngx_int_t {
        ngx_log_error(NGX_LOG_EMERG, shm->shm.log, 0,
                      "auth_gate_zone \"%V\" has another layout: give it another name or restart nginx",
                      &shm->shm.name);
        return NGX_ERROR;
    };
    if (attach) {
        // On a reload, old workers still use the zone: attach to it, and never initialise it again.
        header_ = static_cast<ZoneHeader*>(pool_->data);
        if (header_ == nullptr || header_->magic != magic || header_->layout_version != layout_version ||
            header_->token_capacity != tokens || header_->identity_capacity != identities ||
            header_->drop_counters != drop_counters || header_->session_blocks != sessions) {
            return has_another_layout();
        }
    } else {
        // Fresh shared memory is zeroed, and only headers are written: a large zone costs nothing at start.
        const std::size_t bytes = sizeof(ZoneHeader) + drop_counters * sizeof(std::uint32_t) +
                                  IdentityTable::bytes_for(identities) + TokenTable::bytes_for(tokens, sessions);
        header_ = static_cast<ZoneHeader*>(ngx_slab_alloc(pool_, bytes));
        if (header_ == nullptr) {
            ngx_log_error(NGX_LOG_EMERG, shm->shm.log, 0, "auth_gate_zone \"%V\" is too small", &shm->shm.name);
            return NGX_ERROR;
        }
        *header_ = {};
        if (!random_bytes(std::span(static_cast<std::uint8_t*>(static_cast<void*>(&header_->hash_key)),
                                    sizeof(header_->hash_key)))) {
            ngx_log_error(NGX_LOG_EMERG, shm->shm.log, 0, "auth_gate_zone \"%V\": no randomness", &shm->shm.name);
            return NGX_ERROR;
        }
        header_->layout_version = layout_version;
        header_->token_capacity = tokens;
        header_->identity_capacity = identities;
        header_->drop_counters = drop_counters;
        header_->session_blocks = sessions;
        header_->magic = magic;
        pool_->data = header_;
    }

    static_assert(sizeof(ZoneHeader) % 8 == 0 && std::is_trivially_copyable_v<ZoneHeader>);
    auto* at = static_cast<unsigned char*>(static_cast<void*>(header_)) + sizeof(ZoneHeader);
    drop_counters_ = static_cast<std::uint32_t*>(static_cast<void*>(at));
    at += drop_counters * sizeof(std::uint32_t);
    identities_ = at;
    void* table = at + IdentityTable::bytes_for(identities);
    if (!attach) {
        TokenTable(table).format(tokens, sessions);
    } else if (!TokenTable(table).is_formatted(tokens, sessions)) {
        return has_another_layout();
    }
    tokens_.attach(pool_, table, limits_);

    if (state_path_.len == 0) {
        return NGX_OK;
    }
    if (!ngx_test_config) {
        sweep_settings(shm->shm.log, state_path_);
    }
    return load_settings(shm->shm.log, state_path_, *this, zone_before_reload());
}

Settings Zone::settings() const noexcept {
    return {.require_mfa = (load(header_->settings) & 1) != 0};
}

std::uint64_t Zone::settings_version() const noexcept {
    return load(header_->settings) >> 1;
}

std::uint64_t Zone::settings_reads() const noexcept {
    return load(header_->settings_reads);
}

bool Zone::has_settings_file() const noexcept {
    return std::atomic_ref<std::uint32_t>(header_->has_settings_file).load(std::memory_order_acquire) != 0;
}

bool Zone::publish(const Settings& settings, std::uint64_t reads) noexcept {
    const ZoneLock lock(pool_);
    if (settings_reads() != reads) {
        return false;
    }
    set_settings(settings);
    std::atomic_ref<std::uint64_t>(header_->settings_reads).store(reads + 1, std::memory_order_release);
    std::atomic_ref<std::uint32_t>(header_->has_settings_file).store(1, std::memory_order_release);
    return true;
}

void Zone::begin_with(const Settings& settings, bool had_file) noexcept {
    const ZoneLock lock(pool_);
    set_settings(settings);
    header_->has_settings_file = had_file ? 1 : 0;
}

// Under the lock.
void Zone::set_settings(const Settings& settings) noexcept {
    if (settings_version() != 0 && settings == this->settings()) {
        return;
    }
    const std::uint64_t word = (settings_version() + 1) << 1 | (settings.require_mfa ? 1 : 0);
    std::atomic_ref<std::uint64_t>(header_->settings).store(word, std::memory_order_release);
}

AccountKey Zone::account(std::uint64_t scope, const UserId& user) const noexcept {
    return account_key(header_->hash_key, scope, user);
}

IdentityKey Zone::identity(AccountKey account, const IdentityContext& context) const noexcept {
    return identity_key(account, drops(account), context);
}

std::uint64_t Zone::host_hash(std::string_view name, std::string_view host) noexcept {
    return host_hash_.of(header_->hash_key, name, host);
}

std::uint32_t& Zone::drop_counter(AccountKey account) const noexcept {
    return drop_counters_[(static_cast<std::uint64_t>(account) >> 32) * header_->drop_counters >> 32];
}

void Zone::drop(AccountKey account) noexcept {
    std::atomic_ref<std::uint32_t>(drop_counter(account)).fetch_add(1, std::memory_order_acq_rel);
}

std::uint32_t Zone::drops(AccountKey account) const noexcept {
    return std::atomic_ref<std::uint32_t>(drop_counter(account)).load(std::memory_order_acquire);
}

IdentityTable Zone::identities() const noexcept {
    return {identities_, header_->identity_capacity};
}

IdentityTable::Found Zone::look_up(IdentityKey key, std::uint64_t asking_ms) noexcept {
    const ZoneLock lock(pool_);
    return identities().look_up(key, zone_clock(), asking_ms);
}

void Zone::store(IdentityKey key, std::uint32_t ticket, const Identity& identity, std::uint64_t ttl_ms) noexcept {
    const ZoneLock lock(pool_);
    identities().store(key, ticket, identity, zone_clock() + ttl_ms);
}

void Zone::give_up(IdentityKey key, std::uint32_t ticket) noexcept {
    const ZoneLock lock(pool_);
    identities().give_up(key, ticket);
}

void Zone::count(Counter counter) noexcept {
    std::atomic_ref<std::uint64_t>(header_->counters[static_cast<std::size_t>(counter)])
        .fetch_add(1, std::memory_order_relaxed);
}

std::uint64_t Zone::counted(Counter counter) const noexcept {
    return load(header_->counters[static_cast<std::size_t>(counter)]);
}

}  // namespace auth_gate
