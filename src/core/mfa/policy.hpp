// The MFA policy: whether a request may go on without a second factor.
#pragma once

#include <cstdint>
#include <optional>

namespace auth_gate {

enum class MfaMode : std::uint8_t {
    off,     // never required
    policy,  // required while the administrator's switch is on
    always,
    exempt,  // never required, for setup and recovery
};

enum class MfaVerdict : std::uint8_t {
    allow,
    allow_bypass,  // MFA is required, but not of requests from there
    ask,           // depends on whether the user has MFA: find out, then decide again
    refuse,
};

struct MfaQuestion {
    MfaMode mode = MfaMode::off;
    bool exempt_path = false;     // by the list of exempt paths
    bool bypass = false;          // by where the request comes from
    bool require_mfa = false;     // the administrator's switch
    bool dry_run = false;         // decide as if the switch were on
    std::optional<bool> has_mfa;  // of the user, when known
};

// Never says `ask` where MFA is not required.
MfaVerdict decide(const MfaQuestion& question) noexcept;

}  // namespace auth_gate
