// The values of an OpenID provider that the environment, an administrator's settings and the configuration file can all
// set: how they are merged, how settings are stored in a file, and how an administrator changes them.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth_gate {

// Empty means unset.
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

// `first`, with what it leaves unset taken from `second`.
ProviderSettings merge_settings(const ProviderSettings& first, const ProviderSettings& second);

// By the provider's name.
using SettingsOfProviders = std::map<std::string, ProviderSettings, std::less<>>;

// By the provider's name: members of the file with names that are not known here, as JSON. They are kept.
using OtherMembers = std::map<std::string, std::vector<std::string>, std::less<>>;

std::string to_file(const SettingsOfProviders& providers, const OtherMembers& others = {});

// Nothing if the file is damaged; `why` then tells the operator how.
std::optional<SettingsOfProviders> provider_settings_from_file(std::string_view content, std::string& why,
                                                               OtherMembers* others = nullptr);

struct ProviderSettingsChange {
    enum class Status : std::uint8_t { ok, invalid_json, unknown_member, invalid_value };

    Status status = Status::invalid_json;
    std::string_view member;    // the one with an invalid value
    ProviderSettings settings;  // after the change; with ok and unknown_member
    bool has_own = false;       // there are settings of the provider; likewise
};

// Whether `settings` are what the change makes of them. What it has besides is an application's.
constexpr bool is_made(const ProviderSettingsChange& change) noexcept {
    return change.status == ProviderSettingsChange::Status::ok ||
           change.status == ProviderSettingsChange::Status::unknown_member;
}

// A missing member stays as it is; null and "" unset it. `client_secret_set` and `environment`, which answers contain,
// are ignored. unknown_member: all others are ok.
ProviderSettingsChange change_provider_settings(const ProviderSettings& before, std::string_view body);

// The body of such a change without what change_provider_settings() knows, byte for byte. It is a JSON object.
std::string other_members(std::string_view body);

// A JSON array of the names of the values that are set; an empty text if none is.
std::string names_in(const ProviderSettings& settings);

// What administrators are shown: never the secret. Settings cannot change the values in `from_environment`.
std::string to_answer(const ProviderSettings& effective, const ProviderSettings& from_environment);

}  // namespace auth_gate
