// A session without its signature: what the gate signs again on the session's behalf.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace auth_gate::jwt {

// Where a session's JWT stands in a request. `name`: the scheme, the header's name in lower case, the cookie's name.
enum class PlaceKind : char { bearer = 'b', header = 'h', cookie = 'c' };

struct SessionPlace {
    PlaceKind kind = PlaceKind::bearer;
    std::string_view name;

    bool operator==(const SessionPlace&) const = default;
};

// Borrows everything.
struct SessionCopy {
    static constexpr std::size_t largest = 1024;  // bytes of header and claims
    static constexpr std::size_t longest_name = 100;

    std::string_view header;  // of the JWT, in base64url, as it came
    std::string_view claims;  // JSON, byte for byte
    SessionPlace place;

    bool fits() const noexcept { return header.size() + claims.size() <= largest; }

    // As a token store keeps it; and read again, borrowing from that text. Nothing for any other text.
    std::string packed() const;
    static std::optional<SessionCopy> unpacked(std::string_view text) noexcept;
};

// The claims of a verified JWT. Empty for what cannot be one. Throws bad_alloc.
std::string claims_text(std::string_view token);

// The claims with this exp, in seconds since 1970. They are a JSON object. Throws bad_alloc.
std::string ending_at(std::string_view claims, std::int64_t exp);

}  // namespace auth_gate::jwt
