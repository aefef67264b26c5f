// The states of an answer that may come later.
#include "core/base/pending.hpp"

#include <string>

#include "unit.hpp"

namespace {

using auth_gate::Pending;

struct Seen {
    int cancelled = 0;
    int woken = 0;

    static void cancel(void* seen) noexcept { ++static_cast<Seen*>(seen)->cancelled; }
    static void wake(void* seen) noexcept { ++static_cast<Seen*>(seen)->woken; }
};

void an_answer_at_once_wakes_nobody(void**) {
    Seen seen;
    Pending<std::string> pending;
    assert_true(pending.is_idle());
    pending.on_ready(&seen, Seen::wake);
    pending.answer("now");
    assert_true(pending.is_ready());
    assert_string_equal(pending.value().c_str(), "now");
    assert_int_equal(seen.woken, 0);
}

void a_late_answer_wakes_its_waiter_once(void**) {
    Seen seen;
    Pending<std::string> pending;
    pending.ask(&seen, Seen::cancel);
    pending.on_ready(&seen, Seen::wake);
    assert_true(pending.is_asked());
    pending.answer("later");
    assert_false(pending.is_asked());
    assert_int_equal(seen.woken, 1);
    pending.cancel();
    assert_true(pending.is_idle());
    assert_int_equal(seen.cancelled, 0);
}

void its_end_cancels_an_open_question(void**) {
    Seen seen;
    {
        Pending<int> pending;
        pending.ask(&seen, Seen::cancel);
    }
    assert_int_equal(seen.cancelled, 1);
}

void a_cancelled_question_can_be_asked_again(void**) {
    Seen seen;
    Pending<int> pending;
    pending.ask(&seen, Seen::cancel);
    pending.cancel();
    assert_true(pending.is_idle());
    pending.ask(&seen, Seen::cancel);
    pending.answer(1);
    assert_int_equal(seen.cancelled, 1);
    assert_int_equal(pending.value(), 1);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_at_once_wakes_nobody),
        cmocka_unit_test(a_late_answer_wakes_its_waiter_once),
        cmocka_unit_test(its_end_cancels_an_open_question),
        cmocka_unit_test(a_cancelled_question_can_be_asked_again),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
