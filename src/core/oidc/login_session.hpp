// What is stored under a one-time code's digest from /callback to /exchange: whom the JWT will be about.
#pragma once

#include "core/base/crypto.hpp"
#include "core/identity/user_id.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace auth_gate::oidc {

struct LoginSession {
    std::uint64_t provider = 0;  // OidcConfig::key
    UserId user;
    bool mfa = false;      // the provider saw a second factor and is trusted to say so
    Digest binding{};      // the flow's
    std::string claims{};  // see SessionClaims::of()
};

// At most Record::longest_code bytes. Nothing if the id or the claims are too long.
std::optional<std::string> pack(const LoginSession& session);
std::optional<LoginSession> unpack_session(std::string_view payload);

}  // namespace auth_gate::oidc
