// The shared memory of OpenID Connect: login records, the providers' documents, and what administrators have set. It is
// a zone of its own, so that a reload can add or remove it.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include "core/oidc/document_cache.hpp"
#include "core/oidc/table.hpp"

#include <string>

namespace auth_gate {

class OidcZone final : public oidc::Store {
public:
    static constexpr std::size_t longest_settings = 32 * 1024;  // bytes

    // Null if nginx refuses it.
    static OidcZone* add(ngx_conf_t* cf, std::uint32_t providers);

    // The directory that the settings are read from at start; without it there are none.
    void set_state_path(const ngx_str_t& path) noexcept { state_path_ = path; }
    bool keeps_settings() const noexcept { return state_path_.len != 0; }

    // All answers are there on return.
    void put(oidc::RecordKind kind, const Digest& digest, std::uint64_t owner, std::string_view payload,
             std::uint64_t lifetime_ms, Pending<bool>& kept) noexcept override;
    void take(oidc::RecordKind kind, const Digest& digest, Pending<oidc::Record>& record) noexcept override;
    void look(oidc::RecordKind kind, const Digest& digest, Pending<oidc::Record>& record) noexcept override;

    // Wipes expired records, some slots at a time. Call it at intervals.
    void wipe_expired() noexcept;

    // See oidc::DocumentCache.
    using Document = oidc::DocumentCache::Document;
    oidc::DocumentCache::View look_up(std::uint64_t provider, Document document,
                                      const oidc::DocumentCache::Times& times) noexcept;
    oidc::DocumentCache::View force(std::uint64_t provider, Document document, std::uint32_t generation,
                                    const oidc::DocumentCache::Times& times) noexcept;
    bool store(std::uint64_t provider, Document document, std::uint32_t ticket, std::string_view text) noexcept;
    void give_up(std::uint64_t provider, Document document, std::uint32_t ticket, std::uint64_t retry_ms) noexcept;

    // Empty, with generation 0, if there is none. Throws bad_alloc.
    std::string read(std::uint64_t provider, Document document, std::uint32_t& generation);

    // As with Zone: gives all workers the settings file's content, of at most `longest_settings` bytes.
    std::uint64_t settings_reads() const noexcept;
    bool has_settings_file() const noexcept;
    bool publish_settings(std::string_view text, std::uint64_t reads) noexcept;
    std::uint64_t& settings_written() noexcept;
    void begin_with_settings(std::string_view text, bool had_file) noexcept;

    // Contains secrets; the caller wipes it. Empty if there are no settings. Throws bad_alloc.
    std::string settings() const;

    ngx_int_t init(ngx_shm_zone_t* shm, bool attach) noexcept;

private:
    struct Header;

    oidc::RecordTable records() const noexcept;
    oidc::DocumentCache documents() const noexcept;
    void set_settings(std::string_view text) noexcept;

    std::uint32_t providers_ = 0;
    ngx_str_t state_path_{};
    ngx_slab_pool_t* pool_ = nullptr;
    Header* header_ = nullptr;
    std::uint32_t cursor_ = 0;
};

}  // namespace auth_gate
