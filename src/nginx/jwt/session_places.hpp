// The places of a request where a session's JWT may be, as a configuration writes them.
#pragma once

#include "nginx/jwt/conf.hpp"

#include <optional>
#include <string_view>

namespace auth_gate {

inline constexpr const char* session_place_form =
    "\"bearer\", \"bearer:SCHEME\", \"header:NAME\" or \"cookie:NAME\", and no header that nginx reads itself";

// Nothing for a text of another form. A header's name is in lower case. Throws bad_alloc.
std::optional<ConfiguredPlace> session_place(std::string_view text);

}  // namespace auth_gate
