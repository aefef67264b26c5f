// The settings that administrators change at run time: the settings file's format, and the format of a change.
#pragma once

#include "core/json/json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace auth_gate {

struct Settings {
    bool require_mfa = false;

    bool operator==(const Settings&) const = default;
};

// The content of the settings file, formatted for an administrator who edits it by hand.
std::string to_file(const Settings& settings);

// Nothing when the file is damaged; `why` then says what is wrong. Members with other names are not looked at.
std::optional<Settings> from_file(std::string_view content, std::string& why);

// The name of a member with another name; empty when there is none. For the content of a file that is not damaged.
std::string unknown_member(std::string_view content);

// The content of the file with other settings. Members with other names stay as they are, unless it is damaged.
std::string changed_file(std::string_view content, const Settings& settings);

// The content of a PUT of settings.
struct SettingsChange {
    enum class Status : std::uint8_t {
        ok,
        invalid_json,
        invalid_value,  // for a setting of the gate
    };

    Status status = Status::invalid_json;
    std::optional<bool> require_mfa;
    bool has_others = false;  // there are settings of the application
    std::string others;       // the body without the gate's settings
};

// A switch is true, "true", false or "false". Any other value is invalid.
SettingsChange parse_change(std::string_view body);

// Whether an application has a switch of its own among its settings.
enum class OwnSwitch : std::uint8_t { none, there, unknown };

// By its answer to GET, and whether the answer's type says that it is text of another kind than JSON.
OwnSwitch own_switch(unsigned http_status, std::string_view body, bool is_other_text);

// Whether this answer of an application, a JSON object, says that its own policy is on.
bool says_own_policy_is_on(std::string_view object);

}  // namespace auth_gate
