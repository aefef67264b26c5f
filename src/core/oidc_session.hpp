// What is kept from the callback to the exchange of the one-time code: whom the JWT will be about.
#pragma once

#include "user_id.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace auth_gate::oidc {

struct LoginSession {
    std::uint64_t provider = 0;  // a key of the provider's configuration
    UserId user;
    bool mfa = false;  // the provider saw a second factor, and is trusted in it
};

// The exp of the session's JWT, in seconds since 1970. With MFA it is a second early: the MFA is remembered by the JWT,
// and somebody who signs in without it in the same second must not get the very same one.
constexpr std::int64_t session_expiry(std::int64_t now, std::int64_t ttl, bool mfa) noexcept {
    return now + ttl - (mfa ? 1 : 0);
}

// At most OidcTable::longest_payload bytes. Nothing when the id is too long.
std::optional<std::string> pack(const LoginSession& session);
std::optional<LoginSession> unpack_session(std::string_view payload);

}  // namespace auth_gate::oidc
