// A provider as it is in force: the environment before an administrator's settings before the configuration. The
// settings are kept in oidc.json in the state directory, and for the workers in the zone.
#pragma once

#include "nginx/oidc/provider_conf.hpp"

#include "core/oidc/metadata.hpp"

#include <cstdint>

namespace auth_gate {

// What a login works with: a copy, for as long as it takes.
struct OidcConfig {
    const OidcProvider* provider = nullptr;
    ProviderSettings values;
    std::uint64_t documents_key = 0;  // of what makes the documents be what they are
    std::uint64_t key = 0;            // of all that a login under way relies on

    oidc::MetadataRules metadata_rules() const noexcept;
    std::string metadata_url() const;
};

// Throws bad_alloc.
OidcConfig config_in_force(const OidcProvider& provider, OidcZone& zone);

// What makes a login impossible.
enum class ConfigFault : std::uint8_t { none, not_configured, no_app_url, issuer_not_https };
ConfigFault fault_of(const OidcConfig& config);

// Reads the settings into the zone; NGX_ERROR, and said why, when the file is damaged. For nginx's start and reload.
ngx_int_t load_oidc_settings(ngx_log_t* log, const ngx_str_t& state_path, OidcZone& zone) noexcept;

// As sweep_settings().
void sweep_oidc_settings(ngx_log_t* log, const ngx_str_t& state_path) noexcept;

// Changes one provider's settings on the disk and for all workers, one process at a time.
enum class SettingsSaved : std::uint8_t { saved, invalid, not_saved };
SettingsSaved save_oidc_settings(ngx_log_t* log, const ngx_str_t& state_path, OidcZone& zone,
                                 const OidcProvider& provider, std::string_view body, ProviderSettingsChange& change);

}  // namespace auth_gate
