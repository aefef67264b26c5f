// Where a login page may send a person back to.
#pragma once

#include "core/http/query.hpp"

#include <string>
#include <string_view>

namespace auth_gate {

// Path and query of a request target, in visible ASCII, so that a Location header with it stays on this site: "/" for a
// path with an empty segment, a backslash or a control character, raw or encoded. Without the parameters that some
// parser takes for `secret`, those with a value that `is_credential`, and those with control characters; without a
// fragment.
std::string return_path(std::string_view target, std::string_view secret, query::Wanted is_credential);

}  // namespace auth_gate
