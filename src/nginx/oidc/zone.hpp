// The shared memory of OpenID Connect: flows, one-time codes, sessions with the provider's MFA, the providers'
// documents, and what administrators have set. A zone of its own, so that a site gets it, or loses it, by a reload.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include "core/oidc/document_cache.hpp"
#include "core/oidc/table.hpp"

#include <string>

namespace auth_gate {

class OidcZone {
public:
    static constexpr std::size_t longest_settings = 32 * 1024;  // bytes

    // Null when nginx refuses it.
    static OidcZone* add(ngx_conf_t* cf, std::uint32_t providers);

    // Where the settings are read from at start; without it there are none.
    void set_state_path(const ngx_str_t& path) noexcept { state_path_ = path; }

    // See OidcTable. The clock is the zone's.
    bool put(OidcTable::Kind kind, const Digest& digest, std::uint64_t owner, std::string_view payload,
             std::uint64_t lifetime_ms) noexcept;
    OidcTable::Found take(OidcTable::Kind kind, const Digest& digest) noexcept;
    OidcTable::Found look(OidcTable::Kind kind, const Digest& digest) noexcept;

    // A part of the places each time: to be called again and again.
    void wipe_expired() noexcept;

    // See OidcDocumentCache.
    using Document = OidcDocumentCache::Document;
    OidcDocumentCache::View look_up(std::uint64_t provider, Document document,
                                    const OidcDocumentCache::Times& times) noexcept;
    OidcDocumentCache::View force(std::uint64_t provider, Document document, std::uint32_t generation,
                                  const OidcDocumentCache::Times& times) noexcept;
    bool store(std::uint64_t provider, Document document, std::uint32_t ticket, std::string_view text) noexcept;
    void give_up(std::uint64_t provider, Document document, std::uint32_t ticket, std::uint64_t retry_ms) noexcept;

    // Empty, with generation 0, when there is none. Throws bad_alloc.
    std::string read(std::uint64_t provider, Document document, std::uint32_t& generation);

    // The settings file's content, for all workers. False: it is too long.
    bool publish_settings(std::string_view text) noexcept;

    // As secret as what is in it. Empty when there is none. Throws bad_alloc.
    std::string settings();

    ngx_int_t init(ngx_shm_zone_t* shm, bool attach) noexcept;

private:
    struct Header;

    OidcTable table() const noexcept;
    OidcDocumentCache documents() const noexcept;

    std::uint32_t providers_ = 0;
    ngx_str_t state_path_{};
    ngx_slab_pool_t* pool_ = nullptr;
    Header* header_ = nullptr;
    std::uint32_t cursor_ = 0;
};

}  // namespace auth_gate
