// Whether a session may go on without a second factor: every combination of what decides it.
#include "unit.hpp"

#include "core/mfa/policy.hpp"

namespace {

using namespace unit;
using auth_gate::decide;
using auth_gate::MfaMode;
using auth_gate::MfaQuestion;
using auth_gate::MfaVerdict;

constexpr MfaMode modes[] = {MfaMode::off, MfaMode::policy, MfaMode::always, MfaMode::exempt};
constexpr std::optional<bool> factors[] = {std::nullopt, false, true};

std::string described(const MfaQuestion& q) {
    return "mode " + shown(q.mode) + ", exempt path " + shown(q.exempt_path) + ", required " + shown(q.require_mfa) +
           ", bypass " + shown(q.bypass) + ", dry run " + shown(q.dry_run) + ", MFA " + shown(q.has_mfa);
}

template <typename F>
void for_every_question(F&& f) {
    for (MfaMode mode : modes) {
        for (int bits = 0; bits < 16; ++bits) {
            for (const auto& factor : factors) {
                f(MfaQuestion{mode, (bits & 1) != 0, (bits & 8) != 0, (bits & 2) != 0, (bits & 4) != 0, factor});
            }
        }
    }
}

void off_and_exempt_never_ask_nor_refuse(void**) {
    for_every_question([](const MfaQuestion& q) {
        if (q.mode == MfaMode::off || q.mode == MfaMode::exempt) {
            expect_equal(decide(q), MfaVerdict::allow, described(q));
        }
    });
}

void an_exempt_path_is_allowed_in_every_mode(void**) {
    for_every_question([](const MfaQuestion& q) {
        if (q.exempt_path) {
            expect_equal(decide(q), MfaVerdict::allow, described(q));
        }
    });
}

void nobody_is_asked_about_while_the_switch_is_off(void**) {
    for (const auto& factor : factors) {
        const MfaQuestion q{.mode = MfaMode::policy, .has_mfa = factor};
        expect_equal(decide(q), MfaVerdict::allow, described(q));
    }
}

void what_is_in_force_asks_then_lets_in_only_who_has_mfa(void**) {
    for_every_question([](const MfaQuestion& q) {
        const bool in_force = !q.exempt_path && (q.mode == MfaMode::always ||
                                                 (q.mode == MfaMode::policy && (q.require_mfa || q.dry_run)));
        if (!in_force) {
            expect_equal(decide(q), MfaVerdict::allow, described(q));
        } else if (q.bypass) {
            expect_equal(decide(q), MfaVerdict::allow_bypass, described(q));
        } else if (!q.has_mfa) {
            expect_equal(decide(q), MfaVerdict::ask, described(q));
        } else {
            expect_equal(decide(q), *q.has_mfa ? MfaVerdict::allow : MfaVerdict::refuse, described(q));
        }
    });
}

void always_needs_no_switch(void**) {
    expect_equal(decide({.mode = MfaMode::always, .has_mfa = false}), MfaVerdict::refuse, "switched off");
    expect_equal(decide({.mode = MfaMode::always, .has_mfa = std::nullopt}), MfaVerdict::ask, "not known");
}

void a_mode_that_is_none_does_not_let_in(void**) {
    expect_equal(decide({.mode = static_cast<MfaMode>(77), .has_mfa = false}), MfaVerdict::refuse, "fail closed");
}

void a_question_left_at_its_defaults_is_the_mode_off(void**) {
    expect_equal(decide({}), MfaVerdict::allow, "defaults");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(off_and_exempt_never_ask_nor_refuse),
        cmocka_unit_test(an_exempt_path_is_allowed_in_every_mode),
        cmocka_unit_test(nobody_is_asked_about_while_the_switch_is_off),
        cmocka_unit_test(what_is_in_force_asks_then_lets_in_only_who_has_mfa),
        cmocka_unit_test(always_needs_no_switch),
        cmocka_unit_test(a_mode_that_is_none_does_not_let_in),
        cmocka_unit_test(a_question_left_at_its_defaults_is_the_mode_off),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
