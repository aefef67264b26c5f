#include "core/oidc/session_claims.hpp"

#include "core/base/ascii.hpp"
#include "core/http/request_traits.hpp"
#include "core/json/path.hpp"
#include "core/oidc/user.hpp"

#include <algorithm>

namespace auth_gate::oidc {

bool SessionClaims::may_be_named(std::string_view name) noexcept {
    static constexpr std::string_view own[] = {"exp", "iat", "nbf", "purpose", "id", "sub"};
    return !name.empty() && name.size() <= json::longest_name && std::all_of(name.begin(), name.end(), is_printable) &&
           std::none_of(std::begin(own), std::end(own),
                        [name](std::string_view reserved) { return equal_ignoring_case(reserved, name); });
}

bool SessionClaims::has(std::string_view name) const noexcept {
    return std::any_of(wanted_.begin(), wanted_.end(),
                       [name](const Wanted& wanted) { return equal_ignoring_case(wanted.name, name); });
}

bool SessionClaims::add(std::string_view name, std::string_view path) {
    if (has(name)) {
        return false;
    }
    wanted_.push_back({std::string(name), std::string(path)});
    return true;
}

std::optional<std::string> SessionClaims::of(const json_t* claims) const {
    std::string members;
    for (const Wanted& wanted : wanted_) {
        const json_t* value = at_path(claims, wanted.path);
        const bool is_unverified =
            value != nullptr && value == json::member(claims, "email") && !has_verified_email(claims);
        if (value == nullptr || json_is_null(value) || is_unverified) {
            continue;
        }
        members += (members.empty() ? "" : ",") + json::quote(wanted.name) + ":" + json::to_json(value);
        if (members.size() > largest) {
            return std::nullopt;
        }
    }
    return members;
}

}  // namespace auth_gate::oidc
