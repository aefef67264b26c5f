#include "nginx/oidc/zone.hpp"

#include "nginx/conf/conf.hpp"
#include "nginx/ngx/pool_object.hpp"
#include "nginx/oidc/settings.hpp"
#include "nginx/state/zone.hpp"
#include "nginx/state/zone_lock.hpp"

#include <atomic>

namespace auth_gate {

namespace {

constexpr std::uint64_t magic = 0x4F494443474154;  // "OIDCGAT"
constexpr std::uint32_t layout_version = 4;
constexpr oidc::RecordTable::Capacity capacity = {.flows = 4096, .codes = 1024, .mfa_sessions = 16'384};
constexpr std::uint32_t provider_step = 8;  // one more provider seldom needs another zone
constexpr std::uint32_t slots_at_a_time = 1024;

unsigned char* memory_of(void* header) noexcept {
    return static_cast<unsigned char*>(header);
}

const OidcZone* zone_before_reload() noexcept {
    const MainConf* main = ngx_is_init_cycle(ngx_cycle) ? nullptr : current_main_conf();
    return main != nullptr && main->oidc != nullptr && main->oidc->zone->keeps_settings() ? main->oidc->zone : nullptr;
}

ngx_int_t init_zone(ngx_shm_zone_t* shm, void* old) noexcept {
    return static_cast<OidcZone*>(shm->data)->init(shm, old != nullptr || shm->shm.exists);
}

}  // namespace

// The beginning of the memory. New settings are written beside the valid ones, and then one word says which of them are
// valid.
struct OidcZone::Header {
    std::uint64_t magic;
    std::uint32_t layout_version;
    std::uint32_t providers;
    std::uint32_t valid;  // which of the settings
    std::uint32_t sizes[2];
    std::uint32_t has_settings_file;
    std::uint64_t settings_reads;
    std::uint64_t settings_written;
    char settings[2][longest_settings];
};

OidcZone* OidcZone::add(ngx_conf_t* cf, std::uint32_t providers) {
    auto* zone = make<OidcZone>(cf->pool);
    zone->providers_ = (providers + provider_step - 1) / provider_step * provider_step;

    const std::size_t bytes =
        sizeof(Header) + oidc::RecordTable::bytes_for(capacity) + oidc::DocumentCache::bytes_for(zone->providers_);
    const std::size_t bookkeeping = 16 * ngx_pagesize + bytes / 64;
    ngx_str_t name = ngx_string("auth_gate_oidc");
    ngx_shm_zone_t* shm = ngx_shared_memory_add(cf, &name, bytes + bookkeeping, &ngx_http_auth_gate_module);
    if (shm == nullptr) {
        return nullptr;
    }
    shm->data = zone;
    shm->init = init_zone;
    return zone;
}

ngx_int_t OidcZone::init(ngx_shm_zone_t* shm, bool attach) noexcept {
    static_assert(sizeof(Header) % 8 == 0 && std::is_trivially_copyable_v<Header>);
    pool_ = static_cast<ngx_slab_pool_t*>(static_cast<void*>(shm->shm.addr));
    if (attach) {
        // On a reload old workers still use the zone: attach to it, and never initialise it again.
        header_ = static_cast<Header*>(pool_->data);
        if (header_ == nullptr || header_->magic != magic || header_->layout_version != layout_version ||
            header_->providers != providers_) {
            ngx_log_error(NGX_LOG_EMERG, shm->shm.log, 0,
                          "the memory of auth_gate_oidc_provider has another layout: restart nginx");
            return NGX_ERROR;
        }
    } else {
        // Fresh shared memory is zeroed, as the tables require.
        const std::size_t bytes =
            sizeof(Header) + oidc::RecordTable::bytes_for(capacity) + oidc::DocumentCache::bytes_for(providers_);
        header_ = static_cast<Header*>(ngx_slab_alloc(pool_, bytes));
        if (header_ == nullptr) {
            ngx_log_error(NGX_LOG_EMERG, shm->shm.log, 0, "the memory of auth_gate_oidc_provider is too small");
            return NGX_ERROR;
        }
        header_->layout_version = layout_version;
        header_->providers = providers_;
        header_->magic = magic;
        pool_->data = header_;
    }
    if (state_path_.len == 0) {
        return NGX_OK;
    }
    if (!ngx_test_config) {
        sweep_oidc_settings(shm->shm.log, state_path_);
    }
    return load_oidc_settings(shm->shm.log, state_path_, *this, !attach, zone_before_reload());
}

oidc::RecordTable OidcZone::records() const noexcept {
    return {memory_of(header_) + sizeof(Header), capacity};
}

oidc::DocumentCache OidcZone::documents() const noexcept {
    return {memory_of(header_) + sizeof(Header) + oidc::RecordTable::bytes_for(capacity), providers_};
}

void OidcZone::put(oidc::RecordKind kind, const Digest& digest, std::uint64_t owner, std::string_view payload,
                   std::uint64_t lifetime_ms, Pending<bool>& kept) noexcept {
    const std::uint64_t now = zone_clock();
    const ZoneLock lock(pool_);
    kept.answer(records().put(kind, digest, owner, payload, now + lifetime_ms, now));
}

void OidcZone::take(oidc::RecordKind kind, const Digest& digest, Pending<oidc::Record>& record) noexcept {
    const ZoneLock lock(pool_);
    record.answer(records().take(kind, digest, zone_clock()));
}

void OidcZone::look(oidc::RecordKind kind, const Digest& digest, Pending<oidc::Record>& record) noexcept {
    const ZoneLock lock(pool_);
    record.answer(records().look(kind, digest, zone_clock()));
}

void OidcZone::wipe_expired() noexcept {
    const ZoneLock lock(pool_);
    records().wipe_expired(cursor_, slots_at_a_time, zone_clock());
}

oidc::DocumentCache::View OidcZone::look_up(std::uint64_t provider, Document document,
                                            const oidc::DocumentCache::Times& times) noexcept {
    const ZoneLock lock(pool_);
    return documents().look_up(provider, document, zone_clock(), times);
}

oidc::DocumentCache::View OidcZone::force(std::uint64_t provider, Document document, std::uint32_t generation,
                                          const oidc::DocumentCache::Times& times) noexcept {
    const ZoneLock lock(pool_);
    return documents().force(provider, document, generation, zone_clock(), times);
}

bool OidcZone::store(std::uint64_t provider, Document document, std::uint32_t ticket, std::string_view text) noexcept {
    const ZoneLock lock(pool_);
    return documents().store(provider, document, ticket, text, zone_clock());
}

void OidcZone::give_up(std::uint64_t provider, Document document, std::uint32_t ticket,
                       std::uint64_t retry_ms) noexcept {
    const std::uint64_t retry_at = zone_clock() + retry_ms;
    const ZoneLock lock(pool_);
    documents().give_up(provider, document, ticket, retry_at);
}

std::string OidcZone::read(std::uint64_t provider, Document document, std::uint32_t& generation) {
    std::string text(oidc::DocumentCache::longest_text, '\0');
    oidc::DocumentCache::Text found;
    {
        const ZoneLock lock(pool_);
        found = documents().read(provider, document, text);
    }
    generation = found.generation;
    text.resize(found.size);
    return text;
}

std::uint64_t OidcZone::settings_reads() const noexcept {
    return std::atomic_ref<std::uint64_t>(header_->settings_reads).load(std::memory_order_acquire);
}

bool OidcZone::has_settings_file() const noexcept {
    return std::atomic_ref<std::uint32_t>(header_->has_settings_file).load(std::memory_order_acquire) != 0;
}

bool OidcZone::publish_settings(std::string_view text, std::uint64_t reads) noexcept {
    const ZoneLock lock(pool_);
    if (settings_reads() != reads) {
        return false;
    }
    set_settings(text);
    std::atomic_ref<std::uint64_t>(header_->settings_reads).store(reads + 1, std::memory_order_release);
    std::atomic_ref<std::uint32_t>(header_->has_settings_file).store(1, std::memory_order_release);
    return true;
}

std::uint64_t& OidcZone::settings_written() noexcept {
    return header_->settings_written;
}

void OidcZone::begin_with_settings(std::string_view text, bool had_file) noexcept {
    const ZoneLock lock(pool_);
    set_settings(text);
    header_->has_settings_file = had_file ? 1 : 0;
}

// Under the lock.
void OidcZone::set_settings(std::string_view text) noexcept {
    const std::uint32_t next = 1 - header_->valid;
    ngx_memcpy(header_->settings[next], text.data(), text.size());
    header_->sizes[next] = static_cast<std::uint32_t>(text.size());
    std::atomic_ref<std::uint32_t>(header_->valid).store(next, std::memory_order_release);
}

std::string OidcZone::settings() const {
    if (state_path_.len == 0) {
        return {};  // the zone may still hold those of an earlier configuration
    }
    std::string text(longest_settings, '\0');
    std::uint32_t size = 0;
    {
        const ZoneLock lock(pool_);
        size = header_->sizes[header_->valid];
        ngx_memcpy(text.data(), header_->settings[header_->valid], size);
    }
    text.resize(size);
    return text;
}

}  // namespace auth_gate
