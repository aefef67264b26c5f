// What is kept from the callback to the exchange of the one-time code: whom the JWT will be about.
#pragma once

#include "core/base/crypto.hpp"
#include "core/identity/user_id.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace auth_gate::oidc {

struct LoginSession {
    std::uint64_t provider = 0;  // a key of the provider's configuration
    UserId user;
    bool mfa = false;  // the provider saw a second factor, and is trusted in it
    Digest binding{};  // SHA-256 of the cookie's value, as of the flow
};

// At most Record::longest bytes. Nothing when the id is too long.
std::optional<std::string> pack(const LoginSession& session);
std::optional<LoginSession> unpack_session(std::string_view payload);

}  // namespace auth_gate::oidc
