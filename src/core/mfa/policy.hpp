// Whether a session may go on without a second factor.
#pragma once

#include <cstdint>
#include <optional>

namespace auth_gate {

enum class MfaMode : std::uint8_t {
    off,     // never asked for
    policy,  // as the administrator has set it
    always,
    exempt,  // setup and recovery: a session is enough
};

enum class MfaVerdict : std::uint8_t {
    allow,
    ask,  // it depends on whether the user has MFA, which is not known yet
    refuse,
};

struct MfaQuestion {
    MfaMode mode = MfaMode::off;
    bool exempt_path = false;     // by the list of paths
    bool require_mfa = false;     // the administrator's switch
    bool dry_run = false;         // answers as if the switch were on
    std::optional<bool> has_mfa;  // of the user, when known
};

// `exempt_path` and the mode go first: of who need not have MFA it is never asked.
MfaVerdict decide(const MfaQuestion& question) noexcept;

}  // namespace auth_gate
