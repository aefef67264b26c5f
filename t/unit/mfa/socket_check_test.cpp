// When the users of open sockets are asked about, and how many at once.
#include "unit.hpp"

#include "core/mfa/socket_check.hpp"

namespace {

using namespace unit;
using auth_gate::CheckPace;
using auth_gate::SocketCheck;

constexpr std::uint64_t now = 1'000'000;

void nothing_is_asked_before_it_is_demanded(void**) {
    const SocketCheck check;
    expect(check.is_settled(), "settled");
    expect(!check.may_ask(now), "may not ask");
    expect(!check.is_overdue(now), "not overdue");
}

void a_change_of_the_settings_is_asked_about_at_once(void**) {
    SocketCheck check;
    check.settle(now);
    check.demand_for_settings(now);
    expect(check.may_ask(now), "may ask");
}

void a_change_of_the_user_waits_for_the_rest_after_a_verdict(void**) {
    SocketCheck check;
    check.demand_for_user(now);
    expect(check.may_ask(now), "the first one does not wait");
    check.ask();
    check.settle(now);
    check.demand_for_user(now + 1);
    expect(!check.may_ask(now + SocketCheck::rest_ms - 1), "too early");
    expect(check.may_ask(now + SocketCheck::rest_ms), "may ask");
}

void changes_again_and_again_wait_longer_and_longer_until_it_is_quiet(void**) {
    SocketCheck check;
    std::uint64_t at = now;
    check.settle(at);
    for (const std::uint64_t rest : {2'000, 4'000, 8'000, 16'000, 32'000, 32'000}) {
        check.demand_for_user(at + 1);
        expect(!check.may_ask(at + rest - 1), "too early");
        expect(check.may_ask(at + rest), "may ask");
        check.ask();
        at += rest;
        check.settle(at);
    }
    at += SocketCheck::quiet_ms;
    check.demand_for_user(at);
    expect(check.may_ask(at), "at once again");
    check.settle(at);
    check.demand_for_user(at + 1);
    expect(check.may_ask(at + SocketCheck::rest_ms), "and then after the short rest");
}

void a_question_without_a_verdict_is_asked_again_later(void**) {
    SocketCheck check;
    check.demand_for_settings(now);
    check.ask();
    expect(!check.may_ask(now), "asked already");
    check.wait(now + 5, SocketCheck::retry_ms);
    expect(!check.may_ask(now + 5 + SocketCheck::retry_ms - 1), "too early");
    expect(check.may_ask(now + 5 + SocketCheck::retry_ms), "may ask");
}

void the_time_without_a_verdict_runs_from_the_first_demand_and_through_all_questions(void**) {
    SocketCheck check;
    check.demand_for_settings(now);
    check.ask();
    check.wait(now + 30'000, SocketCheck::retry_ms);
    check.demand_for_user(now + 40'000);
    check.demand_for_settings(now + 50'000);
    check.ask();
    expect(!check.is_overdue(now + SocketCheck::patience_ms - 1), "not yet");
    expect(check.is_overdue(now + SocketCheck::patience_ms), "overdue, while it is asked");
    check.settle(now + SocketCheck::patience_ms);
    expect(!check.is_overdue(now + SocketCheck::patience_ms), "a verdict ends it");
}

void the_time_begins_anew_with_the_next_demand(void**) {
    SocketCheck check;
    check.demand_for_settings(now);
    check.settle(now + 59'000);
    check.demand_for_settings(now + 60'000);
    expect(!check.is_overdue(now + 100'000), "not yet");
    expect(check.is_overdue(now + 120'000), "overdue");
}

void the_time_does_not_run_before_there_is_a_socket(void**) {
    SocketCheck check;
    check.demand_for_settings(now);
    check.start_again(now + 90'000);
    expect(!check.is_overdue(now + 90'000), "just begun");
}

void no_more_are_asked_at_once_than_the_limit(void**) {
    CheckPace pace;
    for (int i = 0; i < 3; ++i) {
        expect(pace.may_start(3, 1000, now), "below the limit");
        pace.start();
    }
    expect(!pace.may_start(3, 1000, now), "at the limit");
    pace.end();
    expect(pace.may_start(3, 1000, now), "below it again");
}

void questions_leave_half_of_the_free_connections(void**) {
    CheckPace pace;
    std::size_t free = 9;
    std::size_t started = 0;
    for (; pace.may_start(1000, free, now); ++started) {
        pace.start();
        --free;
    }
    expect_equal(started, std::size_t{5}, "of nine");
    expect(!CheckPace().may_start(1000, 0, now), "none of none");
}

void an_application_in_trouble_is_asked_one_question_each_time(void**) {
    CheckPace pace;
    pace.heard(false, now);
    expect(pace.may_start(16, 1000, now), "one failure is none");
    pace.heard(false, now);
    expect(!pace.may_start(16, 1000, now + CheckPace::trouble_ms - 1), "two are trouble");
    expect(pace.may_start(16, 1000, now + CheckPace::trouble_ms), "it is tried again");
    pace.start();
    expect(!pace.may_start(16, 1000, now + CheckPace::trouble_ms), "by one question");
    pace.end();
    pace.heard(true, now + CheckPace::trouble_ms);
    expect(pace.may_start(16, 1000, now + CheckPace::trouble_ms), "an answer ends it");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_asked_before_it_is_demanded),
        cmocka_unit_test(a_change_of_the_settings_is_asked_about_at_once),
        cmocka_unit_test(a_change_of_the_user_waits_for_the_rest_after_a_verdict),
        cmocka_unit_test(changes_again_and_again_wait_longer_and_longer_until_it_is_quiet),
        cmocka_unit_test(a_question_without_a_verdict_is_asked_again_later),
        cmocka_unit_test(the_time_without_a_verdict_runs_from_the_first_demand_and_through_all_questions),
        cmocka_unit_test(the_time_begins_anew_with_the_next_demand),
        cmocka_unit_test(the_time_does_not_run_before_there_is_a_socket),
        cmocka_unit_test(no_more_are_asked_at_once_than_the_limit),
        cmocka_unit_test(questions_leave_half_of_the_free_connections),
        cmocka_unit_test(an_application_in_trouble_is_asked_one_question_each_time),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
