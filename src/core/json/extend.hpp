// Changing one member of somebody else's JSON object, and not a byte of the rest.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace auth_gate::json {

// `object` with the member `name` set to `value` (a JSON text). A member that is there already is replaced. Nothing
// when the text is no JSON object.
std::optional<std::string> extend(std::string_view object, std::string_view name, std::string_view value);

// The same for a text that is known to be a JSON object.
std::string extend_valid(std::string_view object, std::string_view name, std::string_view value);

// `object` without the member `name`. Nothing when the text is no JSON object.
std::optional<std::string> without(std::string_view object, std::string_view name);

}  // namespace auth_gate::json
