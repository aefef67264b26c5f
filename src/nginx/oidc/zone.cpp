#include "nginx/oidc/zone.hpp"

#include "nginx/ngx/pool_object.hpp"
#include "nginx/oidc/settings.hpp"
#include "nginx/state/zone.hpp"
#include "nginx/state/zone_lock.hpp"

#include <atomic>

namespace auth_gate {

namespace {

constexpr std::uint64_t magic = 0x4F494443474154;  // "OIDCGAT"
constexpr std::uint32_t layout_version = 1;
constexpr OidcTable::Capacity capacity = {.flows = 4096, .codes = 1024, .mfa_sessions = 16'384};
constexpr std::uint32_t provider_step = 8;  // so that one provider more does not need another zone
constexpr std::uint32_t places_a_time = 1024;

unsigned char* memory_of(void* header) noexcept {
    return static_cast<unsigned char*>(header);
}

ngx_int_t init_zone(ngx_shm_zone_t* shm, void* old) noexcept {
    return static_cast<OidcZone*>(shm->data)->init(shm, old != nullptr || shm->shm.exists);
}

}  // namespace

// How the memory begins. A text is written beside the one that counts, and one word says which that is.
struct OidcZone::Header {
    std::uint64_t magic;
    std::uint32_t layout_version;
    std::uint32_t providers;
    std::uint32_t counts;  // which of the settings
    std::uint32_t sizes[2];
    std::uint32_t unused;
    char settings[2][longest_settings];
};

OidcZone* OidcZone::add(ngx_conf_t* cf, std::uint32_t providers) {
    auto* zone = make<OidcZone>(cf->pool);
    zone->providers_ = (providers + provider_step - 1) / provider_step * provider_step;

    const std::size_t bytes =
        sizeof(Header) + OidcTable::bytes_for(capacity) + OidcDocumentCache::bytes_for(zone->providers_);
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
        // On a reload old workers still use the zone: take it as it is, never anew.
        header_ = static_cast<Header*>(pool_->data);
        if (header_ == nullptr || header_->magic != magic || header_->layout_version != layout_version ||
            header_->providers != providers_) {
            ngx_log_error(NGX_LOG_EMERG, shm->shm.log, 0,
                          "the memory of auth_gate_oidc_provider has another layout: restart nginx");
            return NGX_ERROR;
        }
    } else {
        // Fresh shared memory is zeroed, which is what the tables want.
        const std::size_t bytes =
            sizeof(Header) + OidcTable::bytes_for(capacity) + OidcDocumentCache::bytes_for(providers_);
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
    return load_oidc_settings(shm->shm.log, state_path_, *this);
}

OidcTable OidcZone::table() const noexcept {
    return {memory_of(header_) + sizeof(Header), capacity};
}

OidcDocumentCache OidcZone::documents() const noexcept {
    return {memory_of(header_) + sizeof(Header) + OidcTable::bytes_for(capacity), providers_};
}

bool OidcZone::put(OidcTable::Kind kind, const Digest& digest, std::uint64_t owner, std::string_view payload,
                   std::uint64_t lifetime_ms) noexcept {
    const std::uint64_t now = zone_clock();
    const ZoneLock lock(pool_);
    return table().put(kind, digest, owner, payload, now + lifetime_ms, now);
}

OidcTable::Found OidcZone::take(OidcTable::Kind kind, const Digest& digest) noexcept {
    const ZoneLock lock(pool_);
    return table().take(kind, digest, zone_clock());
}

OidcTable::Found OidcZone::look(OidcTable::Kind kind, const Digest& digest) noexcept {
    const ZoneLock lock(pool_);
    return table().look(kind, digest, zone_clock());
}

void OidcZone::wipe_expired() noexcept {
    const ZoneLock lock(pool_);
    table().wipe_expired(cursor_, places_a_time, zone_clock());
}

OidcDocumentCache::View OidcZone::look_up(std::uint64_t provider, Document document,
                                          const OidcDocumentCache::Times& times) noexcept {
    const ZoneLock lock(pool_);
    return documents().look_up(provider, document, zone_clock(), times);
}

OidcDocumentCache::View OidcZone::force(std::uint64_t provider, Document document, std::uint32_t generation,
                                        const OidcDocumentCache::Times& times) noexcept {
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
    std::string text(OidcDocumentCache::longest_text, '\0');
    OidcDocumentCache::Text found;
    {
        const ZoneLock lock(pool_);
        found = documents().read(provider, document, text);
    }
    generation = found.generation;
    text.resize(found.size);
    return text;
}

bool OidcZone::publish_settings(std::string_view text) noexcept {
    if (text.size() > longest_settings) {
        return false;
    }
    const ZoneLock lock(pool_);
    const std::uint32_t next = 1 - header_->counts;
    ngx_memcpy(header_->settings[next], text.data(), text.size());
    header_->sizes[next] = static_cast<std::uint32_t>(text.size());
    std::atomic_ref<std::uint32_t>(header_->counts).store(next, std::memory_order_release);
    return true;
}

std::string OidcZone::settings() {
    if (state_path_.len == 0) {
        return {};  // what there is was another configuration's
    }
    std::string text(longest_settings, '\0');
    std::uint32_t size = 0;
    {
        const ZoneLock lock(pool_);
        size = header_->sizes[header_->counts];
        ngx_memcpy(text.data(), header_->settings[header_->counts], size);
    }
    text.resize(size);
    return text;
}

}  // namespace auth_gate
