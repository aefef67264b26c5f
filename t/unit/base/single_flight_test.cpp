// Single flight: one asks, the others wait, and a late answer is recognised.
#include "core/base/single_flight.hpp"
#include "unit.hpp"

namespace {

using namespace unit;
using auth_gate::SingleFlight;
using auth_gate::Turn;

void one_asks_and_the_others_wait(void**) {
    SingleFlight flight{};
    expect(!flight.is_asked(0), "zeroed memory: nobody asks");
    expect_equal(flight.begin(100, 150), Turn::mine, "the first");
    expect_equal(flight.begin(100, 150), Turn::others, "the second");
    expect_equal(flight.begin(149, 199), Turn::others, "the last millisecond");
}

void a_killed_asker_is_not_waited_for_beyond_its_deadline(void**) {
    SingleFlight flight{};
    flight.begin(100, 150);
    const std::uint32_t killed = flight.ticket();
    expect_equal(flight.begin(150, 200), Turn::mine, "at the deadline");
    expect(!flight.is_current(killed), "its answer would be late");
    flight.give_up(killed);
    expect_equal(flight.begin(151, 201), Turn::others, "it cannot give up for the one that asks now");
}

void who_finishes_or_gives_up_makes_room_for_the_next(void**) {
    SingleFlight flight{};
    flight.begin(100, 150);
    flight.finish();
    expect_equal(flight.begin(101, 151), Turn::mine, "finished");
    flight.give_up(flight.ticket());
    expect_equal(flight.begin(102, 152), Turn::mine, "given up");
}

void a_reset_makes_the_answer_on_its_way_stale(void**) {
    SingleFlight flight{};
    flight.begin(100, 150);
    const std::uint32_t before = flight.ticket();
    flight.reset();
    expect(!flight.is_current(before), "stale");
    expect_equal(flight.begin(100, 150), Turn::mine, "the next asks at once");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(one_asks_and_the_others_wait),
        cmocka_unit_test(a_killed_asker_is_not_waited_for_beyond_its_deadline),
        cmocka_unit_test(who_finishes_or_gives_up_makes_room_for_the_next),
        cmocka_unit_test(a_reset_makes_the_answer_on_its_way_stale),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
