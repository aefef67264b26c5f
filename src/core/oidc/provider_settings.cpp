#include "core/oidc/provider_settings.hpp"

#include "core/base/crypto.hpp"
#include "core/json/extend.hpp"
#include "core/json/json.hpp"

#include <algorithm>

namespace auth_gate {

namespace {

constexpr std::size_t longest_value = 1024;  // bytes

const ProviderSetting* find(std::string_view name) noexcept {
    const auto found = std::find_if(provider_setting_names.begin(), provider_setting_names.end(),
                                    [&](const ProviderSetting& setting) { return setting.name == name; });
    return found == provider_setting_names.end() ? nullptr : &*found;
}

// What answers contain beside the settings.
bool is_only_shown(std::string_view name) noexcept {
    return name == "client_secret_set" || name == "environment";
}

bool is_plain(std::string_view text) noexcept {
    return text.size() <= longest_value && std::none_of(text.begin(), text.end(), [](char c) {
               return static_cast<unsigned char>(c) < ' ' || c == 0x7f;
           });
}

std::string member_text(std::string_view name, std::string_view value) {
    return json::quote(name) + ":" + json::quote(value);
}

}  // namespace

ProviderSettings::~ProviderSettings() {
    wipe(client_secret);
}

ProviderSettings merge_settings(const ProviderSettings& first, const ProviderSettings& second) {
    ProviderSettings both = first;
    for (const ProviderSetting& setting : provider_setting_names) {
        if ((both.*setting.member).empty()) {
            both.*setting.member = second.*setting.member;
        }
    }
    return both;
}

std::string to_file(const SettingsOfProviders& providers, const OtherMembers& others) {
    std::string text = "{";
    const char* separator = "\n";
    for (const auto& [name, settings] : providers) {
        text += separator + ("    " + json::quote(name) + ": {");
        separator = ",\n";
        const char* inner = "\n";
        for (const ProviderSetting& setting : provider_setting_names) {
            if (!(settings.*setting.member).empty()) {
                text += inner + ("        " + json::quote(setting.name) + ": " + json::quote(settings.*setting.member));
                inner = ",\n";
            }
        }
        if (const auto found = others.find(name); found != others.end()) {
            for (const std::string& member : found->second) {
                text += inner + ("        " + member);
                inner = ",\n";
            }
        }
        text += "\n    }";
    }
    return text + "\n}\n";
}

std::optional<SettingsOfProviders> provider_settings_from_file(std::string_view content, std::string& why,
                                                               OtherMembers* others) {
    const json::Value object = json::parse_object(content);
    if (object == nullptr) {
        why = "it is not a JSON object";
        return std::nullopt;
    }
    SettingsOfProviders providers;
    const char* name;
    json_t* value;
    json_object_foreach(object.get(), name, value) {
        ProviderSettings& settings = providers[name];
        if (!json_is_object(value)) {
            why = std::string("\"") + name + "\" is not an object";
            return std::nullopt;
        }
        const char* member;
        json_t* text;
        json_object_foreach(value, member, text) {
            const ProviderSetting* setting = find(member);
            if (setting == nullptr) {
                if (others != nullptr) {
                    (*others)[name].push_back(json::quote(member) + ": " + json::to_json(text));
                }
                continue;
            }
            const auto string = json::string(text);
            if (!string || !is_plain(*string)) {
                why = std::string("\"") + name + "\" has an unknown member or a bad value: \"" + member + "\"";
                return std::nullopt;
            }
            settings.*setting->member = *string;
        }
    }
    return providers;
}

ProviderSettingsChange change_provider_settings(const ProviderSettings& before, std::string_view body) {
    ProviderSettingsChange change;
    bool has_unknown = false;
    const json::Value object = json::parse_object(body);
    if (object == nullptr) {
        return change;
    }
    change.settings = before;
    const char* name;
    json_t* value;
    json_object_foreach(object.get(), name, value) {
        const std::string_view key = name;
        if (is_only_shown(key)) {
            continue;
        }
        const ProviderSetting* setting = find(key);
        if (setting == nullptr) {
            has_unknown = true;
            continue;
        }
        const auto text = json_is_null(value) ? std::string_view() : json::string(value);
        if (!text || !is_plain(*text)) {
            change.status = ProviderSettingsChange::Status::invalid_value;
            change.member = setting->name;
            return change;
        }
        change.settings.*setting->member = *text;
        change.has_own = true;
    }
    change.status = has_unknown ? ProviderSettingsChange::Status::unknown_member : ProviderSettingsChange::Status::ok;
    return change;
}

std::string other_members(std::string_view body) {
    std::string rest(body);
    for (const ProviderSetting& setting : provider_setting_names) {
        rest = json::without(rest, setting.name).value();
    }
    for (const std::string_view name : {"client_secret_set", "environment"}) {
        rest = json::without(rest, name).value();
    }
    return rest;
}

std::string names_in(const ProviderSettings& settings) {
    std::string names;
    for (const ProviderSetting& setting : provider_setting_names) {
        if (!(settings.*setting.member).empty()) {
            names += (names.empty() ? "[" : ",") + json::quote(setting.name);
        }
    }
    return names.empty() ? names : names + "]";
}

std::string to_answer(const ProviderSettings& effective, const ProviderSettings& from_environment) {
    std::string text = "{" + member_text("issuer", effective.issuer) + "," +
                       member_text("client_id", effective.client_id) +
                       ",\"client_secret_set\":" + (effective.client_secret.empty() ? "false" : "true") + "," +
                       member_text("display_name", effective.display_name) + "," +
                       member_text("discovery_url", effective.discovery_url);
    const std::string names = names_in(from_environment);
    return names.empty() ? text + "}" : text + ",\"environment\":" + names + "}";
}

}  // namespace auth_gate
