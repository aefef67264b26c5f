#include "core/mfa/policy.hpp"

namespace auth_gate {

namespace {

bool is_in_force(const MfaQuestion& question) noexcept {
    switch (question.mode) {
    case MfaMode::off:
    case MfaMode::exempt:
        return false;
    case MfaMode::policy:
        return question.require_mfa || question.dry_run;
    case MfaMode::always:
        return true;
    }
    return true;
}

}  // namespace

MfaVerdict decide(const MfaQuestion& question) noexcept {
    if (question.exempt_path || !is_in_force(question)) {
        return MfaVerdict::allow;
    }
    if (question.bypass) {
        return MfaVerdict::allow_bypass;
    }
    if (!question.has_mfa) {
        return MfaVerdict::ask;
    }
    return *question.has_mfa ? MfaVerdict::allow : MfaVerdict::refuse;
}

}  // namespace auth_gate
