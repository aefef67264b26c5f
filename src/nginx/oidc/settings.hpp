// A provider's configuration in force: the environment takes precedence over an administrator's settings, and these
// over the configuration file. Settings are kept in oidc.json in the state directory, and in the zone for the workers.
#pragma once

#include "nginx/oidc/provider_conf.hpp"
#include "nginx/state/state_reader.hpp"
#include "nginx/state/state_write.hpp"
#include "nginx/state/watch.hpp"

#include "core/oidc/metadata.hpp"

#include <cstdint>

namespace auth_gate {

// A copy, so that a login keeps its configuration from one step to the next.
struct OidcConfig {
    const OidcProvider* provider = nullptr;
    ProviderSettings values;
    bool public_only = false;  // an administrator has set where the provider is, and must not lead to private addresses
    std::uint64_t documents_key = 0;  // a hash of what determines the provider's documents
    std::uint64_t key = 0;            // a hash of all that must not change during a login

    oidc::MetadataRules metadata_rules() const noexcept;
    std::string metadata_url() const;
};

// Throws bad_alloc.
OidcConfig config_in_force(const OidcProvider& provider, OidcZone& zone);

// What makes a login impossible.
enum class ConfigFault : std::uint8_t { none, not_configured, no_app_url, issuer_not_https, private_address };
ConfigFault fault_of(const OidcConfig& config);

// Like load_settings().
ngx_int_t load_oidc_settings(ngx_log_t* log, const ngx_str_t& state_path, OidcZone& zone, bool fresh,
                             const OidcZone* previous) noexcept;

// Like sweep_settings().
void sweep_oidc_settings(ngx_log_t* log, const ngx_str_t& state_path) noexcept;

// What becomes of a provider's settings by a change. An unusable, insecure or private URL is refused when it is set,
// not when somebody logs in.
ProviderSettingsChange change_settings(const SettingsOfProviders& all, const OidcProvider& provider,
                                       std::string_view body);

// Whether the shared memory has room for them.
bool fit(const SettingsOfProviders& all);

// The settings of all providers that are in force.
SettingsOfProviders all_settings(const OidcZone& zone);

class OidcSettingsReader final : public StateReader {
public:
    explicit OidcSettingsReader(OidcZone& zone) noexcept : zone_(zone) {}

    std::string_view file_name() const noexcept override;
    std::uint64_t reads() const noexcept override;
    bool has_file() const noexcept override;
    Taken take(const std::string& content, std::uint64_t reads, std::string& why) override;

private:
    OidcZone& zone_;
};

// A change that change_settings() has allowed.
class OidcSettingsEdit final : public StateEdit {
public:
    OidcSettingsEdit(std::string provider, std::string body) : provider_(std::move(provider)), body_(std::move(body)) {}
    ~OidcSettingsEdit() override;

    std::string_view file_name() const noexcept override;
    std::optional<std::string> apply(const std::string* before) override;
    std::uint64_t* last_written() noexcept override;
    bool publish() noexcept override { return reread_oidc_settings(); }

private:
    std::string provider_;
    std::string body_;
};

}  // namespace auth_gate
