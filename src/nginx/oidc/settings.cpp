#include "nginx/oidc/settings.hpp"

#include "nginx/oidc/zone.hpp"
#include "nginx/state/state_file.hpp"

#include "core/base/crypto.hpp"
#include "core/http/url.hpp"

namespace auth_gate {

namespace {

constexpr std::string_view file_name = "oidc.json";

SettingsOfProviders all_settings(OidcZone& zone) {
    std::string text = zone.settings();
    std::string why;
    auto settings = provider_settings_from_file(text, why);
    wipe(text);
    return std::move(settings).value_or(SettingsOfProviders());
}

ProviderSettings settings_of(const SettingsOfProviders& all, const std::string& name) {
    const auto found = all.find(name);
    return found == all.end() ? ProviderSettings() : found->second;
}

std::uint64_t key_of(std::string_view text) {
    return short_hash(sha256(text)) | 1;
}

// An unusable or insecure URL is refused when it is set, not when somebody logs in.
std::string_view bad_url(const ProviderSettings& settings) {
    if (!settings.issuer.empty() && (!url::is_secure(settings.issuer) || !url::is_base(settings.issuer))) {
        return "issuer";
    }
    return !settings.discovery_url.empty() && !url::is_secure(settings.discovery_url) ? "discovery_url" : "";
}

}  // namespace

oidc::MetadataRules OidcConfig::metadata_rules() const noexcept {
    return {
        .issuer = values.issuer,
        .overridden = !values.discovery_url.empty(),
        .has_secret = !values.client_secret.empty(),
    };
}

std::string OidcConfig::metadata_url() const {
    return values.discovery_url.empty() ? oidc::discovery_url(values.issuer) : values.discovery_url;
}

OidcConfig config_in_force(const OidcProvider& provider, OidcZone& zone) {
    const ProviderSettings settings = settings_of(all_settings(zone), provider.name);
    OidcConfig config;
    config.provider = &provider;
    config.values = merge_settings(provider.environment, merge_settings(settings, provider.configured));
    // The CA file and the proxy belong to the key: they decide which server may answer.
    const std::string documents =
        config.values.issuer + '\n' + config.values.discovery_url + '\n' + provider.ca_file + '\n' + provider.proxy;
    config.documents_key = key_of(documents);
    config.key = key_of(provider.name + '\n' + documents + '\n' + config.values.client_id + '\n' + provider.app_url);
    return config;
}

ConfigFault fault_of(const OidcConfig& config) {
    const ProviderSettings& values = config.values;
    if (values.client_id.empty() || (values.issuer.empty() && values.discovery_url.empty())) {
        return ConfigFault::not_configured;
    }
    if (config.provider->app_url.empty()) {
        return ConfigFault::no_app_url;
    }
    const bool secure = (values.issuer.empty() || url::is_secure(values.issuer)) &&
                        (values.discovery_url.empty() || url::is_secure(values.discovery_url));
    return secure ? ConfigFault::none : ConfigFault::issuer_not_https;
}

ngx_int_t load_oidc_settings(ngx_log_t* log, const ngx_str_t& state_path, OidcZone& zone) noexcept {
    return shielded(log, ngx_int_t{NGX_ERROR}, [&]() -> ngx_int_t {
        const File lock = lock_state(std::string(view(state_path)));
        std::string content = "{}";
        if (read_state(log, state_path, file_name, content) == NGX_ERROR) {
            return NGX_ERROR;
        }
        std::string why;
        const auto settings = provider_settings_from_file(content, why);
        wipe(content);
        if (!settings) {
            return state_damaged(log, state_path, file_name, why);
        }
        std::string text = to_file(*settings);
        const bool published = zone.publish_settings(text);
        wipe(text);
        return published ? ngx_int_t{NGX_OK} : state_damaged(log, state_path, file_name, "it is too large");
    });
}

void sweep_oidc_settings(ngx_log_t* log, const ngx_str_t& state_path) noexcept {
    sweep_state(log, state_path, file_name);
}

SettingsSaved save_oidc_settings(ngx_log_t* log, const ngx_str_t& state_path, OidcZone& zone,
                                 const OidcProvider& provider, std::string_view body, ProviderSettingsChange& change) {
    const File directory = lock_state(std::string(view(state_path)));
    if (!directory.is_open()) {
        state_failed(log, "locking", std::string(view(state_path)));
        return SettingsSaved::not_saved;
    }
    SettingsOfProviders all = all_settings(zone);
    change = change_provider_settings(settings_of(all, provider.name), body);
    if (change.status != ProviderSettingsChange::Status::ok) {
        return SettingsSaved::invalid;
    }
    if (const std::string_view member = bad_url(change.settings); !member.empty()) {
        change.status = ProviderSettingsChange::Status::invalid_value;
        change.member = member;
        return SettingsSaved::invalid;
    }
    all[provider.name] = change.settings;
    std::string text = to_file(all);
    StateFile file;
    const bool saved = text.size() <= OidcZone::longest_settings && file.prepare(log, state_path, file_name, text) &&
                       file.replace(log, directory);
    if (saved) {
        zone.publish_settings(text);
    }
    wipe(text);
    return saved ? SettingsSaved::saved : SettingsSaved::not_saved;
}

}  // namespace auth_gate
