// The application's own user id: what a session is about, and all that a signed JWT says of a person.
#pragma once

#include "json.hpp"

#include <optional>
#include <string>

namespace auth_gate {

struct UserId {
    enum class Kind : std::uint8_t { integer, text };

    Kind kind = Kind::integer;
    std::string text;  // an integer's decimal digits, or the string itself

    // An integer, or a string of 1 to 255 bytes. Nothing for anything else: 1.0 and "" are no ids.
    static std::optional<UserId> from_json(const json_t* value);

    std::string to_json() const;

    // A text that no other user of the application behind these keys has: 7 and "7" are two users.
    std::string distinct_text(std::uint64_t realm) const;
};

}  // namespace auth_gate
