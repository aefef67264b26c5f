#include "nginx/state/zone.hpp"

#include "nginx/conf/conf.hpp"
#include "nginx/mfa/settings_file.hpp"
#include "nginx/ngx/pool_object.hpp"
#include "nginx/state/zone_lock.hpp"

namespace auth_gate {

namespace {

constexpr std::uint64_t magic = 0x4155544847415445;  // "AUTHGATE"
constexpr std::uint32_t layout_version = 4;
constexpr std::uint32_t default_share = 10;  // one user may have a tenth of all tokens,
constexpr std::uint32_t least_share = 100;   // but at least this many in a small zone

// Three quarters of a zone are for tokens and a sixteenth is for identities. The rest is for bookkeeping.
std::uint32_t token_capacity(std::size_t size) noexcept {
    return TokenTable::capacity_of(size / 4 * 3);
}

std::uint32_t identity_capacity(std::size_t size) noexcept {
    return static_cast<std::uint32_t>(size / 16 / IdentityTable::bytes_for(1));
}

std::uint64_t load(const std::uint64_t& word) noexcept {
    return std::atomic_ref<std::uint64_t>(const_cast<std::uint64_t&>(word)).load(std::memory_order_acquire);
}

ngx_int_t init_zone(ngx_shm_zone_t* shm, void* old) noexcept {
    return static_cast<Zone*>(shm->data)->init(shm, old != nullptr || shm->shm.exists);
}

}  // namespace

std::uint64_t zone_clock() noexcept {
    return ngx_current_msec;
}

Zone* Zone::add(ngx_conf_t* cf, ngx_str_t name, std::size_t size, std::uint32_t tokens, std::uint32_t per_user) {
    const std::size_t least = 8 * ngx_pagesize;
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
    return zone;
}

ngx_int_t Zone::init(ngx_shm_zone_t* shm, bool attach) noexcept {
    pool_ = static_cast<ngx_slab_pool_t*>(static_cast<void*>(shm->shm.addr));
    const std::uint32_t tokens = token_capacity(shm->shm.size);
    const std::uint32_t identities = identity_capacity(shm->shm.size);

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
            header_->token_capacity != tokens || header_->identity_capacity != identities) {
            return has_another_layout();
        }
    } else {
        // Fresh shared memory is zeroed, and only headers are written: a large zone costs nothing at start.
        const std::size_t bytes =
            sizeof(ZoneHeader) + IdentityTable::bytes_for(identities) + TokenTable::bytes_for(tokens);
        header_ = static_cast<ZoneHeader*>(ngx_slab_alloc(pool_, bytes));
        if (header_ == nullptr) {
            ngx_log_error(NGX_LOG_EMERG, shm->shm.log, 0, "auth_gate_zone \"%V\" is too small", &shm->shm.name);
            return NGX_ERROR;
        }
        *header_ = {};
        if (!random_bytes(std::span(static_cast<std::uint8_t*>(static_cast<void*>(&header_->user_key)),
                                    sizeof(header_->user_key)))) {
            ngx_log_error(NGX_LOG_EMERG, shm->shm.log, 0, "auth_gate_zone \"%V\": no randomness", &shm->shm.name);
            return NGX_ERROR;
        }
        header_->layout_version = layout_version;
        header_->token_capacity = tokens;
        header_->identity_capacity = identities;
        header_->magic = magic;
        pool_->data = header_;
    }

    static_assert(sizeof(ZoneHeader) % 8 == 0 && std::is_trivially_copyable_v<ZoneHeader>);
    auto* at = static_cast<unsigned char*>(static_cast<void*>(header_)) + sizeof(ZoneHeader);
    identities_ = at;
    void* table = at + IdentityTable::bytes_for(identities);
    if (!attach) {
        TokenTable(table).format(tokens);
    } else if (!TokenTable(table).is_formatted(tokens)) {
        return has_another_layout();
    }
    tokens_.attach(pool_, table, limits_);

    if (state_path_.len == 0) {
        return NGX_OK;
    }
    if (!ngx_test_config) {
        sweep_settings(shm->shm.log, state_path_);
    }
    // Also on a reload: a locked-out administrator's edit of the file takes effect then.
    return load_settings(shm->shm.log, state_path_, *this);
}

Settings Zone::settings() const noexcept {
    return {.require_mfa = (load(header_->settings) & 1) != 0};
}

std::uint64_t Zone::settings_version() const noexcept {
    return load(header_->settings) >> 1;
}

void Zone::publish(const Settings& settings) noexcept {
    if (settings_version() != 0 && settings == this->settings()) {
        return;
    }
    const std::uint64_t word = (settings_version() + 1) << 1 | (settings.require_mfa ? 1 : 0);
    std::atomic_ref<std::uint64_t>(header_->settings).store(word, std::memory_order_release);
}

std::uint64_t Zone::user_key(std::uint64_t application, const UserId& user) const noexcept {
    return user.key(header_->user_key, application);
}

IdentityTable Zone::identities() const noexcept {
    return {identities_, header_->identity_capacity};
}

IdentityTable::Found Zone::look_up(std::uint64_t key, std::uint64_t asking_ms) noexcept {
    const ZoneLock lock(pool_);
    return identities().look_up(key, zone_clock(), asking_ms);
}

void Zone::store(std::uint64_t key, std::uint32_t ticket, const Identity& identity, std::uint64_t ttl_ms) noexcept {
    const ZoneLock lock(pool_);
    identities().store(key, ticket, identity, zone_clock() + ttl_ms);
}

void Zone::give_up(std::uint64_t key, std::uint32_t ticket) noexcept {
    const ZoneLock lock(pool_);
    identities().give_up(key, ticket);
}

void Zone::drop(std::uint64_t key) noexcept {
    const ZoneLock lock(pool_);
    identities().drop(key);
    header_->dropped[header_->drops % ZoneHeader::remembered_drops] = key;
    std::atomic_ref<std::uint64_t>(header_->drops).store(header_->drops + 1, std::memory_order_release);
}

std::uint64_t Zone::drops() const noexcept {
    return load(header_->drops);
}

std::uint64_t Zone::dropped(std::uint64_t n) const noexcept {
    const ZoneLock lock(pool_);
    if (n >= header_->drops || header_->drops - n > ZoneHeader::remembered_drops) {
        return 0;
    }
    return header_->dropped[n % ZoneHeader::remembered_drops];
}

void Zone::count(Counter counter) noexcept {
    std::atomic_ref<std::uint64_t>(header_->counters[static_cast<std::size_t>(counter)])
        .fetch_add(1, std::memory_order_relaxed);
}

std::uint64_t Zone::counted(Counter counter) const noexcept {
    return load(header_->counters[static_cast<std::size_t>(counter)]);
}

}  // namespace auth_gate
