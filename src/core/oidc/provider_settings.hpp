// What may be said of an OpenID provider in more than one place: the environment, an administrator's settings, the
// configuration file. How the settings are kept, and how a change of them is asked for.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace auth_gate {

// Empty is unset.
struct ProviderSettings {
    std::string issuer{};
    std::string client_id{};
    std::string client_secret{};
    std::string display_name{};
    std::string discovery_url{};

    ~ProviderSettings();  // wipes the secret

    bool operator==(const ProviderSettings&) const = default;
};

struct ProviderSetting {
    std::string_view name;
    std::string ProviderSettings::*member;
};

inline constexpr std::array<ProviderSetting, 5> provider_setting_names = {{
    {"issuer", &ProviderSettings::issuer},
    {"client_id", &ProviderSettings::client_id},
    {"client_secret", &ProviderSettings::client_secret},
    {"display_name", &ProviderSettings::display_name},
    {"discovery_url", &ProviderSettings::discovery_url},
}};

// What is unset in `first` is taken from `second`.
ProviderSettings merge_settings(const ProviderSettings& first, const ProviderSettings& second);

// By the provider's name.
using SettingsOfProviders = std::map<std::string, ProviderSettings, std::less<>>;

std::string to_file(const SettingsOfProviders& providers);

// Nothing when the file is damaged; `why` then says how, for the operator.
std::optional<SettingsOfProviders> provider_settings_from_file(std::string_view content, std::string& why);

struct ProviderSettingsChange {
    enum class Status : std::uint8_t { ok, invalid_json, unknown_member, invalid_value };

    Status status = Status::invalid_json;
    std::string_view member;    // whose value is invalid
    ProviderSettings settings;  // with the change made; only when ok
};

// A member that is not there stays as it is; null and "" unset it. `client_secret_set` and `environment`, which an
// answer has, are passed over.
ProviderSettingsChange change_provider_settings(const ProviderSettings& before, std::string_view body);

// A JSON array of the names of those that are set; empty when none is.
std::string names_in(const ProviderSettings& settings);

// What administrators are shown: never the secret. `from_environment` are those that a setting cannot change.
std::string to_answer(const ProviderSettings& effective, const ProviderSettings& from_environment);

}  // namespace auth_gate
