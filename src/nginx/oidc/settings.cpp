#include "nginx/oidc/settings.hpp"

#include "nginx/conf/conf.hpp"
#include "nginx/oidc/zone.hpp"
#include "nginx/state/state_file.hpp"
#include "nginx/state/zone.hpp"

#include "core/base/crypto.hpp"
#include "core/http/url.hpp"

namespace auth_gate {

namespace {

constexpr std::string_view settings_file = "oidc.json";

ProviderSettings settings_of(const SettingsOfProviders& all, const std::string& name) {
    const auto found = all.find(name);
    return found == all.end() ? ProviderSettings() : found->second;
}

std::uint64_t key_of(std::string_view text) {
    return short_hash(sha256(text)) | 1;
}

// Where the metadata is read. Everything else about a provider follows from it.
std::string ProviderSettings::*address_of(const ProviderSettings& values) noexcept {
    return values.discovery_url.empty() ? &ProviderSettings::issuer : &ProviderSettings::discovery_url;
}

// Whether an administrator has set this URL, and neither the configuration nor the environment allows private ones or
// says the same.
bool must_be_public(const OidcProvider& provider, const ProviderSettings& settings,
                    std::string ProviderSettings::*member) {
    const std::string& text = settings.*member;
    return !text.empty() && !provider.allows_private() && text != provider.configured.*member &&
           text != provider.environment.*member;
}

// An unusable, insecure or private URL is refused when it is set, not when somebody logs in.
std::string_view bad_url(const OidcProvider& provider, const ProviderSettings& settings) {
    const auto is_bad = [&](std::string ProviderSettings::*member) {
        const std::string& text = settings.*member;
        return !text.empty() &&
               (must_be_public(provider, settings, member) ? !url::is_public(text) : !url::is_secure(text));
    };
    if (is_bad(&ProviderSettings::issuer) || (!settings.issuer.empty() && !url::is_base(settings.issuer))) {
        return "issuer";
    }
    return is_bad(&ProviderSettings::discovery_url) ? "discovery_url" : "";
}

}  // namespace

oidc::MetadataRules OidcConfig::metadata_rules() const noexcept {
    return {
        .issuer = values.issuer,
        .overridden = !values.discovery_url.empty(),
        .has_secret = !values.client_secret.empty(),
        .public_only = public_only,
        .has_tenants = !provider->tenants.empty(),
        .client_authentication = provider->client_authentication,
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
    const auto address = address_of(config.values);
    config.public_only = (provider.environment.*address).empty() && must_be_public(provider, settings, address);
    // The CA file and the proxy belong to the key: they decide which server may answer.
    const std::string documents = config.values.issuer + '\n' + config.values.discovery_url + '\n' + provider.ca_file +
                                  '\n' + provider.proxy + (config.public_only ? "\npublic" : "");
    config.documents_key = key_of(documents);
    config.key = key_of(provider.name + '\n' + documents + '\n' + config.values.client_id + '\n' + provider.app_url);
    return config;
}

ConfigFault fault_of(const OidcConfig& config) {
    const ProviderSettings& values = config.values;
    const auto& authentication = config.provider->client_authentication;
    if (authentication && authentication != oidc::ClientAuthentication::none && values.client_secret.empty() &&
        !config.provider->client_key) {
        return ConfigFault::not_configured;
    }
    if (values.client_id.empty() || (values.issuer.empty() && values.discovery_url.empty())) {
        return ConfigFault::not_configured;
    }
    if (config.provider->app_url.empty()) {
        return ConfigFault::no_app_url;
    }
    const bool secure = (values.issuer.empty() || url::is_secure(values.issuer)) &&
                        (values.discovery_url.empty() || url::is_secure(values.discovery_url));
    if (!secure) {
        return ConfigFault::issuer_not_https;
    }
    // Refused when it is set today, but the file may be older, or written by hand.
    return config.public_only && !url::is_public(values.*address_of(values)) ? ConfigFault::private_address
                                                                             : ConfigFault::none;
}

SettingsOfProviders all_settings(const OidcZone& zone) {
    std::string text = zone.settings();
    std::string why;
    auto settings = provider_settings_from_file(text, why);
    wipe(text);
    return std::move(settings).value_or(SettingsOfProviders());
}

ngx_int_t load_oidc_settings(ngx_log_t* log, const ngx_str_t& state_path, OidcZone& zone, bool fresh,
                             const OidcZone* previous) noexcept {
    return shielded(log, ngx_int_t{NGX_ERROR}, [&]() -> ngx_int_t {
        OidcSettingsReader reader(zone);
        const LoadedState loaded = load_state(log, state_path, reader);
        if (loaded == LoadedState::missing && fresh) {
            std::string text = previous == nullptr ? std::string() : previous->settings();
            zone.begin_with_settings(text, previous != nullptr && previous->has_settings_file());
            wipe(text);
        }
        return loaded == LoadedState::unusable ? NGX_ERROR : NGX_OK;
    });
}

void sweep_oidc_settings(ngx_log_t* log, const ngx_str_t& state_path) noexcept {
    sweep_state(log, state_path, settings_file);
}

ProviderSettingsChange change_settings(const SettingsOfProviders& all, const OidcProvider& provider,
                                       std::string_view body) {
    ProviderSettingsChange change = change_provider_settings(settings_of(all, provider.name), body);
    if (!is_made(change)) {
        return change;
    }
    if (const std::string_view member = bad_url(provider, change.settings); !member.empty()) {
        change.status = ProviderSettingsChange::Status::invalid_value;
        change.member = member;
    }
    return change;
}

bool fit(const SettingsOfProviders& all) {
    std::string text = to_file(all);
    wipe(text);
    return text.size() <= OidcZone::longest_settings;
}

std::string_view OidcSettingsReader::file_name() const noexcept {
    return settings_file;
}

std::uint64_t OidcSettingsReader::reads() const noexcept {
    return zone_.settings_reads();
}

bool OidcSettingsReader::has_file() const noexcept {
    return zone_.has_settings_file();
}

StateReader::Taken OidcSettingsReader::take(const std::string& content, std::uint64_t reads, std::string& why) {
    const auto settings = provider_settings_from_file(content, why);
    if (!settings) {
        return Taken::damaged;
    }
    std::string text = to_file(*settings);
    Taken taken = Taken::damaged;
    if (text.size() <= OidcZone::longest_settings) {
        taken = zone_.publish_settings(text, reads) ? Taken::taken : Taken::overtaken;
    } else {
        why = "it is too large";
    }
    wipe(text);
    return taken;
}

OidcSettingsEdit::~OidcSettingsEdit() {
    wipe(body_);
}

std::string_view OidcSettingsEdit::file_name() const noexcept {
    return settings_file;
}

std::optional<std::string> OidcSettingsEdit::apply(const std::string* before) {
    const MainConf* main = current_main_conf();
    const OidcProvider* provider = main == nullptr || main->oidc == nullptr ? nullptr : main->oidc->find(provider_);
    if (provider == nullptr) {
        return std::nullopt;
    }
    OtherMembers others;
    std::string why;
    auto all = before == nullptr ? std::nullopt : provider_settings_from_file(*before, why, &others);
    if (!all) {
        all = all_settings(*main->oidc->zone);
        others.clear();
    }
    const ProviderSettingsChange change = change_settings(*all, *provider, body_);
    if (!is_made(change)) {
        return std::nullopt;
    }
    (*all)[provider_] = change.settings;
    return fit(*all) ? std::optional(to_file(*all, others)) : std::nullopt;
}

std::uint64_t* OidcSettingsEdit::last_written() noexcept {
    const MainConf* main = current_main_conf();
    return has_lasting_zones() && main != nullptr && main->oidc != nullptr ? &main->oidc->zone->settings_written()
                                                                           : nullptr;
}

}  // namespace auth_gate
