// The application's own user id: whom a session is about, and all that a signed JWT says about a person.
#pragma once

#include "core/json/claims.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace auth_gate {

struct UserId {
    enum class Kind : std::uint8_t { integer, text };

    static constexpr std::size_t longest = 255;  // bytes

    Kind kind = Kind::integer;
    std::string text;  // an integer's decimal digits, or the string itself

    // An integer, or a string of 1 to 255 bytes. Nothing for anything else: 1.0 and "" are no ids.
    static std::optional<UserId> from_json(const json::Claim& value);
    static std::optional<UserId> from_json(const json_t* value) { return from_json(json::Claim(value)); }

    bool operator==(const UserId&) const = default;

    std::string to_json() const;
};

}  // namespace auth_gate
