// What an administrator sets at run time: how it is kept, and how a change of it is asked for.
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

// The content of the settings file: readable, for an administrator who has to edit it.
std::string to_file(const Settings& settings);

// Nothing when the file is damaged; `why` then says how, for the operator.
std::optional<Settings> from_file(std::string_view content, std::string& why);

// What a PUT of settings asks for.
struct SettingsChange {
    enum class Status : std::uint8_t {
        ok,
        invalid_json,
        invalid_value,  // a setting of ours with a value that it cannot have
    };

    Status status = Status::invalid_json;
    std::optional<bool> require_mfa;
    bool has_others = false;  // members that are not ours,
    std::string others;       // and the object that is left of the body with them
};

// true and "true" switch on, false and "false" off; anything else is no value for a switch.
SettingsChange parse_change(std::string_view body);

}  // namespace auth_gate
