// A provider's configuration in force: the environment takes precedence over an administrator's settings, and these
// over the configuration file. Settings are kept in oidc.json in the state directory, and in the zone for the workers.
#pragma once

#include "nginx/oidc/provider_conf.hpp"

#include "core/oidc/metadata.hpp"

#include <cstdint>

namespace auth_gate {

// A copy, so that a login keeps its configuration from one step to the next.
struct OidcConfig {
    const OidcProvider* provider = nullptr;
    ProviderSettings values;
    std::uint64_t documents_key = 0;  // a hash of what determines the provider's documents
    std::uint64_t key = 0;            // a hash of all that must not change during a login

    oidc::MetadataRules metadata_rules() const noexcept;
    std::string metadata_url() const;
};

// Throws bad_alloc.
OidcConfig config_in_force(const OidcProvider& provider, OidcZone& zone);

// What makes a login impossible.
enum class ConfigFault : std::uint8_t { none, not_configured, no_app_url, issuer_not_https };
ConfigFault fault_of(const OidcConfig& config);

// Reads the settings into the zone, at start and reload. NGX_ERROR, after logging why, if the file is damaged.
ngx_int_t load_oidc_settings(ngx_log_t* log, const ngx_str_t& state_path, OidcZone& zone) noexcept;

// Like sweep_settings().
void sweep_oidc_settings(ngx_log_t* log, const ngx_str_t& state_path) noexcept;

// Changes a provider's settings on disk and for all workers. A lock admits one process at a time.
enum class SettingsSaved : std::uint8_t { saved, invalid, not_saved };
SettingsSaved save_oidc_settings(ngx_log_t* log, const ngx_str_t& state_path, OidcZone& zone,
                                 const OidcProvider& provider, std::string_view body, ProviderSettingsChange& change);

}  // namespace auth_gate
