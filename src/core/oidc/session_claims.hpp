// Claims of the provider that a site wants in its sessions, beside the user's id and the dates.
#pragma once

#include "core/json/json.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth_gate::oidc {

class SessionClaims {
public:
    // Of all of them together, in bytes of JSON: with a user's id and the dates they fit into a token's session.
    static constexpr std::size_t largest = 640;

    // What a session's claim may be called: nothing that says whose session it is, how long it lasts or that it is
    // none. The letter case does not matter, for some readers of JSON ignore it.
    static bool may_be_named(std::string_view name) noexcept;

    // False if there is one with this name already. Throws bad_alloc.
    bool add(std::string_view name, std::string_view path);

    bool has(std::string_view name) const noexcept;

    // Members for a JSON object, in their order, without its braces. A claim that is absent or null is left out, and an
    // address that is not verified. Nothing if they are too large. Throws bad_alloc.
    std::optional<std::string> of(const json_t* claims) const;

private:
    struct Wanted {
        std::string name;
        std::string path;
    };

    std::vector<Wanted> wanted_;
};

}  // namespace auth_gate::oidc
