// What a token remembers of the session that asked for it, besides its claims.
#pragma once

#include <cstdint>

namespace auth_gate {

// Four bits, as the token table keeps them.
struct SessionFacts {
    static constexpr std::uint8_t provider_mfa = 1;  // the OpenID provider saw a second factor

    std::uint8_t bits = 0;

    constexpr bool has(std::uint8_t fact) const noexcept { return (bits & fact) != 0; }

    constexpr void set(std::uint8_t fact, bool value) noexcept {
        bits = static_cast<std::uint8_t>(value ? bits | fact : bits & ~fact);
    }
};

}  // namespace auth_gate
