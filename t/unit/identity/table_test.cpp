// Identities in shared memory: one asks, the others wait, nobody gets what was not stored for them.
#include <algorithm>
#include <memory>

#include "unit.hpp"

#include "core/identity/identity_table.hpp"

namespace {

using namespace unit;
using auth_gate::Identity;
using auth_gate::IdentityKey;
using auth_gate::IdentityTable;
using auth_gate::Turn;

constexpr std::uint64_t asking = 5000;

class Memory {
public:
    explicit Memory(std::uint32_t capacity)
        : capacity_(capacity), words_(std::make_unique<std::uint64_t[]>(IdentityTable::bytes_for(capacity) / 8)) {}

    IdentityTable table() const { return {words_.get(), capacity_}; }

private:
    std::uint32_t capacity_;
    std::unique_ptr<std::uint64_t[]> words_;
};

IdentityKey key_of(std::uint64_t n) {
    return static_cast<IdentityKey>(Random(n + 0x1d).next() | 1);
}

// Learns about key_of(n) as one who asks does.
void learn(IdentityTable table, std::uint64_t n, const Identity& identity, std::uint64_t now, std::uint64_t expires) {
    const auto found = table.look_up(key_of(n), now, asking);
    expect(found.turn == Turn::mine, "who learns is the one to ask");
    table.store(key_of(n), found.ticket, identity, expires);
}

void an_unknown_user_is_asked_about_by_the_first_and_waited_for_by_the_rest(void**) {
    const Memory memory(64);
    expect_equal(memory.table().look_up(key_of(1), 100, asking).turn, Turn::mine, "first");
    for (int i = 0; i < 5; ++i) {
        expect_equal(memory.table().look_up(key_of(1), 100, asking).turn, Turn::others, "another");
    }
    expect_equal(memory.table().look_up(key_of(2), 100, asking).turn, Turn::mine, "another user");
}

void what_is_stored_is_known_until_it_expires(void**) {
    const Memory memory(64);
    learn(memory.table(), 1, {true, "admin", true}, 100, 1100);
    for (std::uint64_t now : {100u, 500u, 1099u}) {
        const auto found = memory.table().look_up(key_of(1), now, asking);
        expect_equal(found.turn, Turn::none, shown(now));
        expect(found.mfa && found.admin, "mfa and an administrator");
        expect_equal(std::string_view(found.role, found.role_size), "admin"sv, "role");
    }
    expect_equal(memory.table().look_up(key_of(1), 1100, asking).turn, Turn::mine, "when it expires");
}

void each_user_has_an_identity_of_its_own(void**) {
    const Memory memory(1024);
    for (std::uint64_t n = 0; n < 100; ++n) {
        learn(memory.table(), n, {n % 2 == 0, "role" + std::to_string(n)}, 100, 10000);
    }
    std::size_t known = 0;
    for (std::uint64_t n = 0; n < 100; ++n) {
        const auto found = memory.table().look_up(key_of(n), 200, asking);
        if (found.turn != Turn::none) {
            continue;  // evicted
        }
        ++known;
        expect_equal(found.mfa, n % 2 == 0, shown(n));
        expect_equal(std::string_view(found.role, found.role_size), "role" + std::to_string(n), shown(n));
    }
    expect(known > 90, "nearly all of a tenth of the capacity have a place");
}

void one_who_asks_too_long_is_not_waited_for(void**) {
    const Memory memory(64);
    const auto slow = memory.table().look_up(key_of(1), 100, asking);
    expect_equal(memory.table().look_up(key_of(1), 100 + asking - 1, asking).turn, Turn::others, "just before");
    const auto second = memory.table().look_up(key_of(1), 100 + asking, asking);
    expect_equal(second.turn, Turn::mine, "then the next one asks");

    // The slow one's answer is older than the second one's question.
    memory.table().store(key_of(1), slow.ticket, {true, ""}, 99999);
    expect_equal(memory.table().look_up(key_of(1), 100 + asking, asking).turn, Turn::others,
                 "and what the slow one says is late");
    memory.table().store(key_of(1), second.ticket, {false, ""}, 99999);
    expect(!memory.table().look_up(key_of(1), 200 + asking, asking).mfa, "the second one's counts");
}

void giving_up_lets_the_next_one_ask(void**) {
    const Memory memory(64);
    const auto first = memory.table().look_up(key_of(1), 100, asking);
    memory.table().give_up(key_of(1), first.ticket);
    const auto second = memory.table().look_up(key_of(1), 100, asking);
    expect_equal(second.turn, Turn::mine, "at once");
    memory.table().give_up(key_of(1), first.ticket);
    expect_equal(memory.table().look_up(key_of(1), 100, asking).turn, Turn::others,
                 "the first one cannot give up for the second");
}

void an_answer_that_was_evicted_meanwhile_harms_nobody(void**) {
    const Memory memory(4);  // one bucket
    const auto asked = memory.table().look_up(key_of(1), 100, asking);
    for (std::uint64_t n = 2; n < 20; ++n) {
        learn(memory.table(), n, {true, "admin"}, 100, 100000);
    }
    memory.table().store(key_of(1), asked.ticket, {false, "user"}, 100000);
    for (std::uint64_t n = 1; n < 20; ++n) {
        const auto found = memory.table().look_up(key_of(n), 100, asking);
        expect(found.turn != Turn::none || found.mfa == (n != 1), shown(n));
        memory.table().give_up(key_of(n), found.ticket);
    }
}

void a_full_table_takes_the_place_of_whoever_expires_first(void**) {
    const Memory memory(4);
    for (std::uint64_t n = 1; n <= 4; ++n) {
        learn(memory.table(), n, {true, ""}, 100, 1000 * (n == 3 ? 1 : n + 10));
    }
    learn(memory.table(), 5, {true, ""}, 100, 50000);
    for (std::uint64_t n : {1u, 2u, 4u, 5u}) {
        expect_equal(memory.table().look_up(key_of(n), 100, asking).turn, Turn::none, shown(n));
    }
}

void a_cache_of_no_time_keeps_nothing(void**) {
    const Memory memory(64);
    learn(memory.table(), 1, {true, ""}, 100, 100);
    expect_equal(memory.table().look_up(key_of(1), 100, asking).turn, Turn::mine, "expires as it is stored");
}

void a_long_role_is_cut(void**) {
    const Memory memory(64);
    learn(memory.table(), 1, {true, std::string(200, 'x')}, 100, 1000);
    const auto found = memory.table().look_up(key_of(1), 100, asking);
    expect_equal(std::string_view(found.role, found.role_size), std::string(Identity::longest_role, 'x'), "role");
}

// Against a plain model: known only what was stored last, and unexpired; never another's.
void a_table_never_says_what_nobody_stored(void**) {
    struct Model {
        bool known = false;
        bool mfa = false;
        std::uint64_t expires = 0;
    };
    const Memory memory(64);
    Random random(7);
    Model model[40];
    std::uint64_t now = 1;
    for (int step = 0; step < 200'000; ++step) {
        now += random.below(3);
        const std::uint64_t n = random.below(std::size(model));
        Model& one = model[n];
        const auto found = memory.table().look_up(key_of(n), now, asking);
        expect(found.turn != Turn::others, "nobody is left asking");
        if (found.turn == Turn::none) {
            expect(one.known && now < one.expires && found.mfa == one.mfa, "step " + std::to_string(step));
            continue;
        }
        if (random.below(4) == 0) {
            memory.table().give_up(key_of(n), found.ticket);
            one.known = false;
        } else {
            one = {true, random.below(2) == 1, now + random.below(200)};
            memory.table().store(key_of(n), found.ticket, {one.mfa, ""}, one.expires);
        }
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(an_unknown_user_is_asked_about_by_the_first_and_waited_for_by_the_rest),
        cmocka_unit_test(what_is_stored_is_known_until_it_expires),
        cmocka_unit_test(each_user_has_an_identity_of_its_own),
        cmocka_unit_test(one_who_asks_too_long_is_not_waited_for),
        cmocka_unit_test(giving_up_lets_the_next_one_ask),
        cmocka_unit_test(an_answer_that_was_evicted_meanwhile_harms_nobody),
        cmocka_unit_test(a_full_table_takes_the_place_of_whoever_expires_first),
        cmocka_unit_test(a_cache_of_no_time_keeps_nothing),
        cmocka_unit_test(a_long_role_is_cut),
        cmocka_unit_test(a_table_never_says_what_nobody_stored),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
