// What the gate knows about a user besides the id: role and MFA, read from JSON at configured paths.
#pragma once

#include "core/identity/user_id.hpp"
#include "core/json/path.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth_gate {

struct Identity {
    static constexpr std::size_t longest_role = 31;  // bytes; longer ones are truncated

    bool mfa = false;
    std::string role{};  // of several, those that fit, joined by commas
    bool admin = false;
};

// Where a JSON document says it (see json/path.hpp), and what counts.
struct IdentityRules {
    std::string id{};  // a path; empty: not compared
    std::string role{};
    std::string mfa{};
    std::vector<std::string> mfa_values{};  // empty: yes and no, in the forms of yes_or_no()
    std::string admin{};                    // a path to a yes or no; empty: by role
    std::vector<std::string> admin_roles = {"admin"};

    // `path` or `path:value,value`. False for anything else.
    bool set_mfa(std::string_view text);

    // `path` or `role:name,name`. False for anything else.
    bool set_admin(std::string_view text);

    // Different for rules that say different things.
    std::string fingerprint() const;
};

// True, "true", 1, "1" and a date say yes. False, "false", 0, "0", "", null, [], {} and nothing at all say no. Nothing
// for anything else. A date is one of ISO 8601, since 2000: what has never happened often has an earlier one.
std::optional<bool> yes_or_no(const json::Claim& value);

struct IdentityReading {
    std::optional<Identity> identity;
    std::string misfit;  // which path has which type, if one does not fit
};

// An application's answer. No identity if anything in it does not fit, or if the id is not that of `user`.
IdentityReading identity_from(const json_t* document, const IdentityRules& rules, const UserId& user);

// A session's claims. A role that does not fit is none: an application may have a claim of that name for its own use.
IdentityReading identity_from(const json::Claims& claims, const IdentityRules& rules);

}  // namespace auth_gate
