// Tokens in the table that are good at one place alone.
#include "token/table_kit.hpp"

namespace {

using namespace unit;

constexpr TokenLimits wide = {all, all};
constexpr std::uint64_t now = 1000000;
constexpr std::uint64_t here[] = {5};
constexpr std::uint64_t there[] = {6};

TokenGrant bound_grant(std::uint64_t n) {
    TokenGrant grant = grant_of(n, 1, 30000, now);
    grant.place = here[0];
    return grant;
}

Presented presenting_at(std::span<const std::uint64_t> places, std::span<const AcceptedPurpose> accepted = strict_ws) {
    Presented presented = presenting(1, accepted, 7);
    presented.places = places;
    return presented;
}

void a_bound_token_is_taken_at_its_place(void**) {
    const Memory memory(4);
    TokenTable table = memory.table();
    table.put(bound_grant(1), wide, now);
    table.put(grant_of(2, 1, 30000, now), wide, now);
    expect_equal(take(table, presenting_at({}), now), TakeStatus::which_place, "the table wants to know the place");
    expect_equal(take(table, presenting_at({}), now), TakeStatus::which_place, "and nothing has changed");
    const TokenTable::Found found = table.take(presenting_at(here), now);
    expect_equal(found.status, TakeStatus::redeemed, "at its place");
    expect_equal(std::string(found.user, found.user_size), "1", "user");
    expect_equal(take(table, presenting_at(here), now), TakeStatus::unknown, "once");
    Presented other = presenting(2);
    other.places = {};
    expect_equal(take(table, other, now), TakeStatus::redeemed, "another token is good anywhere");
}

void another_place_spends_it(void**) {
    const Memory memory(4);
    TokenTable table = memory.table();
    table.put(bound_grant(1), wide, now);
    Presented look = presenting_at(there);
    look.spend = false;
    expect_equal(take(table, look, now), TakeStatus::wrong_place, "a look");
    expect_equal(take(table, presenting_at(there), now), TakeStatus::wrong_place, "another place");
    expect_equal(take(table, presenting_at(here), now), TakeStatus::unknown, "gone");
    expect_equal(table.live(), 0u, "its slot is free");
}

void its_lease_is_as_any_other(void**) {
    const Memory memory(4);
    TokenTable table = memory.table();
    table.put(bound_grant(1), wide, now);
    expect_equal(take(table, presenting_at(here, leased_ws), now), TakeStatus::redeemed, "first");
    expect_equal(take(table, presenting_at({}, leased_ws), now), TakeStatus::repeated,
                 "the same request has its place");
    expect_equal(take(table, presenting(1, leased_ws, here[0]), now), TakeStatus::leased_elsewhere,
                 "the place is no request");
}

void a_slot_forgets_its_place(void**) {
    const Memory memory(1);
    TokenTable table = memory.table();
    table.put(bound_grant(1), wide, now);
    take(table, presenting_at(here), now);
    table.put(grant_of(1, 1, 30000, now), wide, now);
    expect_equal(take(table, presenting_at({}), now), TakeStatus::redeemed, "a token for any place");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_bound_token_is_taken_at_its_place),
        cmocka_unit_test(another_place_spends_it),
        cmocka_unit_test(its_lease_is_as_any_other),
        cmocka_unit_test(a_slot_forgets_its_place),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
