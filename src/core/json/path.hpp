// Paths into JSON, as configurations name them: members joined by dots, as in "user.mfa_enabled".
#pragma once

#include "core/json/claims.hpp"

#include <string_view>

namespace auth_gate {

// Member names, joined by single dots, each of a length that can be found.
bool is_path(std::string_view text) noexcept;

// The colon behind a path, as in "path:value"; npos if there is none. A path may be a URL itself.
std::size_t find_colon_behind_path(std::string_view text) noexcept;

// The value at a path, borrowed, or null. A name may have dots itself: at each object the longest name that it has goes
// first ("https://example.com/roles", or "app.example" of "app.example.role"). In an array a number is an index.
const json_t* at_path(const json_t* value, std::string_view path) noexcept;

// The same; false for none.
json::Claim at_path(const json::Claims& claims, std::string_view path) noexcept;

}  // namespace auth_gate
