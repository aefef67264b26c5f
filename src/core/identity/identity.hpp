// What the gate knows about a user besides the id: role and MFA, read from JSON at configured paths.
#pragma once

#include "core/identity/user_id.hpp"
#include "core/json/json.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace auth_gate {

struct Identity {
    static constexpr std::size_t longest_role = 31;  // bytes; longer ones are truncated

    bool mfa = false;
    std::string role;

    bool is_admin() const noexcept { return role == "admin"; }
};

// Paths in a JSON document: member names joined by dots, as in "user.mfa_enabled".
struct IdentityPaths {
    std::string id;  // empty: not compared
    std::string role;
    std::string mfa;
};

// Member names joined by single dots.
bool is_path(std::string_view text) noexcept;

// The value at a path, borrowed, or null.
const json_t* at_path(const json_t* object, std::string_view path) noexcept;
json::Claim at_path(const json::Claims& claims, std::string_view path) noexcept;

// Nothing if the document does not fit: MFA must be true, false, 1 or 0; the role absent, null or a string; and the id
// that of `user`.
std::optional<Identity> identity_from(const json_t* document, const IdentityPaths& paths, const UserId& user);

}  // namespace auth_gate
