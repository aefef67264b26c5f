#include "core/mfa/settings.hpp"

#include "core/json/extend.hpp"

#include <algorithm>

namespace auth_gate {

namespace {

constexpr char require_mfa_name[] = "require_mfa";

std::optional<bool> parse_switch(const json_t* value) noexcept {
    if (json_is_boolean(value)) {
        return json_is_true(value);
    }
    const auto text = json::string(value);
    if (text == "true") {
        return true;
    }
    if (text == "false") {
        return false;
    }
    return std::nullopt;
}

}  // namespace

std::string to_file(const Settings& settings) {
    return std::string("{\n    \"") + require_mfa_name + "\": " + (settings.require_mfa ? "true" : "false") + "\n}\n";
}

std::optional<Settings> from_file(std::string_view content, std::string& why) {
    const json::Value object = json::parse_object(content);
    if (object == nullptr) {
        why = "it is not a JSON object";
        return std::nullopt;
    }
    Settings settings;
    if (const json_t* value = json::member(object.get(), require_mfa_name)) {
        const auto on = parse_switch(value);
        if (!on) {
            why = "\"require_mfa\" is neither true nor false";
            return std::nullopt;
        }
        settings.require_mfa = *on;
    }
    return settings;
}

std::string unknown_member(std::string_view content) {
    const json::Value object = json::parse_object(content);
    const char* name;
    json_t* value;
    json_object_foreach(object.get(), name, value) {
        if (std::string_view(name) != require_mfa_name) {
            return name;
        }
    }
    return {};
}

std::string changed_file(std::string_view content, const Settings& settings) {
    std::string why;
    if (!from_file(content, why) || unknown_member(content).empty()) {
        return to_file(settings);
    }
    return json::extend(content, require_mfa_name, settings.require_mfa ? "true" : "false").value();
}

SettingsChange parse_change(std::string_view body) {
    SettingsChange change;
    const json::Value object = json::parse_object(body);
    if (object == nullptr) {
        return change;
    }
    change.status = SettingsChange::Status::ok;
    const json_t* value = json::member(object.get(), require_mfa_name);
    if (value != nullptr) {
        change.require_mfa = parse_switch(value);
        if (!change.require_mfa) {
            change.status = SettingsChange::Status::invalid_value;
        }
    }
    change.has_others = json_object_size(object.get()) > (value == nullptr ? 0u : 1u);
    change.others = json::without(body, require_mfa_name).value();
    return change;
}

OwnSwitch own_switch(unsigned http_status, std::string_view body, bool is_other_text) {
    constexpr unsigned about_the_asker[] = {401, 403, 408, 425, 429};

    const bool is_about_asker =
        std::find(std::begin(about_the_asker), std::end(about_the_asker), http_status) != std::end(about_the_asker);
    if ((http_status >= 400 && http_status < 500 && !is_about_asker) || http_status == 501) {
        return OwnSwitch::none;  // it has no settings here
    }
    if (http_status < 200 || http_status >= 300) {
        return OwnSwitch::unknown;
    }
    const json::Value value = json::parse(body);
    if (value == nullptr) {
        return body.empty() || is_other_text ? OwnSwitch::none : OwnSwitch::unknown;
    }
    return json::member(value.get(), require_mfa_name) != nullptr ? OwnSwitch::there : OwnSwitch::none;
}

bool says_own_policy_is_on(std::string_view object) {
    const json::Value value = json::parse_object(object);
    const json_t* own = json::member(value.get(), require_mfa_name);
    return parse_switch(own) == true || json_integer_value(own) == 1 || json::string(own) == "1";
}

}  // namespace auth_gate
