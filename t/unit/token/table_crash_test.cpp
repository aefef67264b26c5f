// After a kill at any instruction of any operation, the token table is usable and no token can be redeemed twice.
//
// A child single-steps through one operation on a table in shared memory. The memory after an instruction is what a
// kill there would leave behind, so each instruction that changes it is followed by a survey. Some children really are
// killed there. From some of the states, a second child is stepped through the next operation, which rebuilds the table
// and may be killed, too.
#include <algorithm>
#include <memory>

#include "base/stepper.hpp"
#include "token/table_survey.hpp"

namespace {

using namespace unit;

#if defined(__SANITIZE_ADDRESS__)
constexpr std::size_t real_kills = 2;         // per scenario, approximately
constexpr std::size_t second_operations = 1;  // per scenario, each after a different state
#else
constexpr std::size_t real_kills = 12;
constexpr std::size_t second_operations = 4;
#endif

// The table, followed by the child's report on its operation.
class Stage {
public:
    Stage() : memory_(table_size() + sizeof(Report)) {}

    static std::size_t table_size() {
        return (TokenTable::bytes_for(surveyed_capacity, blocks_for(surveyed_capacity)) + 7) / 8 * 8;
    }

    void restore(const std::vector<char>& image) const {
        std::copy(image.begin(), image.end(), bytes());
        report()->done = 0;
    }

    std::vector<char> image() const { return std::vector<char>(bytes(), bytes() + table_size()); }
    bool equals(const std::vector<char>& image) const { return std::memcmp(bytes(), image.data(), image.size()) == 0; }
    const void* table() const { return memory_.data(); }

    void run(const Operation& operation) const {
        TokenTable table(memory_.data());
        const int status = operation.run(table);
        report()->status = status;
        report()->done = 1;
    }

    std::optional<int> reported() const { return report()->done != 0 ? std::optional(report()->status) : std::nullopt; }

private:
    struct Report {
        volatile int status;
        volatile int done;
    };

    char* bytes() const { return static_cast<char*>(memory_.data()); }
    Report* report() const { return reinterpret_cast<Report*>(bytes() + table_size()); }

    SharedMemory memory_;
};

struct Situation {
    std::vector<char> image;
    Tokens tokens;
};

// Tokens 1 to 8 are live, every other one bound to a place, 9 is leased to 7, 20 to 25 are expired but still in the
// table. The free slots were used before.
Situation usual_situation() {
    Memory memory(surveyed_capacity);
    TokenTable table = memory.table();
    Tokens tokens;
    constexpr std::uint64_t lifetimes[] = {30000, 20000, 5000};
    for (std::uint64_t n = 100; n < 118; ++n) {
        table.put(grant_of(n, n % 7, 30000, crash_time - 20000), surveyed_limits, crash_time - 20000);
    }
    for (std::uint64_t n = 100; n < 118; ++n) {
        take(table, presenting(n * 5 % 18 + 100), crash_time - 20000);
    }
    const auto put = [&](std::uint64_t n, std::uint64_t lifetime, std::uint64_t at) {
        TokenGrant grant = grant_of(n, n % 3, lifetime, at);
        grant.place = is_bound(n) ? usual_places[0] : 0;
        const auto status = table.put(grant, surveyed_limits, crash_time - 20000);
        expect(status == PutStatus::stored, "the situation is set up");
        tokens[n] = {n % 3, at + lifetime <= crash_time ? Left::never : Left::once};
    };
    for (std::uint64_t n = 20; n < 26; ++n) {
        put(n, lifetimes[n % 3], crash_time - lifetimes[n % 3] - 10 + n % 10);
    }
    put(9, 30000, crash_time - 100);
    take(table, presenting(9, leased_ws, 7), crash_time - 100);
    tokens[9] = {0, Left::leased, 7};
    for (std::uint64_t n = 1; n <= 8; ++n) {
        put(n, lifetimes[n % 3], crash_time - 50 + n);
    }
    const char* bytes = static_cast<const char*>(memory.data());
    Situation situation{std::vector<char>(bytes, bytes + memory.size()), std::move(tokens)};
    situation.image.resize(Stage::table_size());
    return situation;
}

// No token has expired, so that an operation does only its own work.
Situation swept(Situation situation) {
    Memory memory(surveyed_capacity);
    std::memcpy(memory.data(), situation.image.data(), memory.size());
    memory.table().expire(crash_time, all);
    std::memcpy(situation.image.data(), memory.data(), memory.size());
    return situation;
}

// The last operation took a token, so the next one finishes its removal.
Situation after_taking(std::uint64_t n, Situation situation) {
    Memory memory(surveyed_capacity);
    std::memcpy(memory.data(), situation.image.data(), memory.size());
    TokenTable table = TokenTable(memory.data());
    expect_equal(take(table, presenting(n), crash_time), TakeStatus::redeemed, "the situation is set up");
    situation.tokens[n].left = Left::never;
    std::memcpy(situation.image.data(), memory.data(), memory.size());
    return situation;
}

struct Crash {
    std::vector<char> image;
    std::size_t step;
    std::optional<int> report;
};

std::string describe(std::string_view name, const Crash& crash) {
    return std::string(name) + " killed after " + std::to_string(crash.step) + " instructions" +
           (crash.report ? ", reported" : "");
}

// All states of the table during an operation, in order, until it reports its result.
std::vector<Crash> step_through(const Stage& stage, const std::vector<char>& image, const Operation& operation) {
    stage.restore(image);
    std::vector<Crash> crashes = {{image, 0, std::nullopt}};
    Stepper stepper([&] { stage.run(operation); });
    for (std::size_t step = 1; stepper.step(); ++step) {
        const auto report = stage.reported();
        if (report || !stage.equals(crashes.back().image)) {
            crashes.push_back({stage.image(), step, report});
        }
        if (report) {
            return crashes;
        }
    }
    expect(false, "the operation did not come to its end");
    return crashes;
}

void survey_all(const std::vector<Crash>& crashes, const Situation& before, const Operation& operation,
                std::string_view name, int only_variant = -1) {
    for (const Crash& crash : crashes) {
        Tokens tokens = before.tokens;
        operation.apply(tokens, crash.report);
        const Survey survey(crash.image.data(), tokens, describe(name, crash));
        if (only_variant < 0) {
            survey.all_variants();
        } else {
            survey.one_variant(only_variant);
        }
    }
}

void kill_for_real(const Stage& stage, const std::vector<Crash>& crashes, const Situation& before,
                   const Operation& operation, std::string_view name) {
    const std::size_t stride = crashes.size() / real_kills + 1;
    for (std::size_t at = 0; at < crashes.size(); at += stride) {
        stage.restore(before.image);
        {
            Stepper stepper([&] { stage.run(operation); });
            for (std::size_t step = 0; step < crashes[at].step && stepper.step(); ++step) {
            }
        }
        Tokens tokens = before.tokens;
        operation.apply(tokens, stage.reported());
        Survey(stage.table(), tokens, describe(name, crashes[at]) + " for real")
            .one_variant(static_cast<int>(at) % Survey::variants);
    }
}

void survives(std::string_view name, const Situation& situation, const Operation& operation) {
    if (!Stepper::works()) {
        print_message("ptrace is not allowed here: random_kills_leave_the_table_usable stands alone\n");
        return;
    }
    const Stage stage;
    const std::vector<Crash> crashes = step_through(stage, situation.image, operation);
    expect(crashes.size() > 2, "the operation changed something");
    survey_all(crashes, situation, operation, name);
    kill_for_real(stage, crashes, situation, operation, name);

    const Operation seconds[] = {
        {Operation::take, operation.n, 0}, {Operation::put, 51, 1},        {Operation::expire},
        {Operation::take, 2, 0},           {Operation::take_leased, 3, 0}, {Operation::look, 4, 0}};
    static std::size_t turn = 0;  // varies the second operation and the state between scenarios
    std::size_t states = 0;
    for (std::size_t i = 0; i < second_operations; ++i, ++turn) {
        const Operation& second = seconds[turn % std::size(seconds)];
        const Crash& crash = crashes[1 + turn * 5 % (crashes.size() - 2)];
        Situation between{crash.image, situation.tokens};
        operation.apply(between.tokens, crash.report);
        const std::vector<Crash> later = step_through(stage, between.image, second);
        survey_all(later, between, second, describe(name, crash) + ", then the next operation",
                   static_cast<int>(turn) % Survey::variants);
        states += later.size();
    }
    print_message("%s: %zu states in %zu instructions, %zu more during rebuilds\n", std::string(name).c_str(),
                  crashes.size(), crashes.back().step, states);
}

void put_may_be_killed(void**) {
    survives("put", swept(usual_situation()), {Operation::put, 50, 1});
}

void put_of_a_new_user_may_be_killed(void**) {
    survives("put of a new user", swept(usual_situation()), {Operation::put, 50, 77});
}

void put_that_expires_others_may_be_killed(void**) {
    survives("put that expires others", usual_situation(), {Operation::put, 50, 2});
}

void take_may_be_killed(void**) {
    for (std::uint64_t n : {1u, 5u, 8u}) {
        survives("take", swept(usual_situation()), {Operation::take, n});
    }
}

void take_after_a_take_may_be_killed(void**) {
    survives("take after a take", after_taking(5, swept(usual_situation())), {Operation::take, 8});
    survives("take with a lease after a take", after_taking(5, swept(usual_situation())), {Operation::take_leased, 2});
}

void put_after_a_take_may_be_killed(void**) {
    survives("put after a take", after_taking(5, swept(usual_situation())), {Operation::put, 50, 2});
}

void expiring_after_a_take_may_be_killed(void**) {
    survives("expire after a take", after_taking(5, usual_situation()), {Operation::expire});
}

void take_with_a_lease_may_be_killed(void**) {
    for (std::uint64_t n : {2u, 3u}) {
        survives("take with a lease", swept(usual_situation()), {Operation::take_leased, n});
    }
}

void take_within_a_lease_may_be_killed(void**) {
    Situation situation = swept(usual_situation());
    Memory memory(surveyed_capacity);
    std::memcpy(memory.data(), situation.image.data(), memory.size());
    TokenTable table(memory.data());
    const Operation first{Operation::take_leased, 4, 0};
    first.apply(situation.tokens, first.run(table));
    std::memcpy(situation.image.data(), memory.data(), memory.size());
    survives("take within a lease", situation, {Operation::take_leased, 4});
    survives("a lease that ends in the wrong place", situation, {Operation::take_wrong, 4});
}

void take_in_the_wrong_place_may_be_killed(void**) {
    survives("take in the wrong place", swept(usual_situation()), {Operation::take_wrong, 6});
}

void take_of_an_expired_token_may_be_killed(void**) {
    survives("take of an expired token", usual_situation(), {Operation::take, 22});
}

void looking_may_be_killed(void**) {
    survives("look", swept(usual_situation()), {Operation::look, 7});
}

void expiring_may_be_killed(void**) {
    survives("expire", usual_situation(), {Operation::expire});
}

// The same without ptrace: a child works at full speed and is killed at a random moment.
struct Work {
    static constexpr std::uint64_t first = 10000, most = 1 << 20;
    volatile std::uint64_t next;  // the number of the next token
    volatile std::uint64_t turns;
    volatile std::uint8_t redeemed[most];
};

[[noreturn]] void work(Work& shared, void* memory, std::uint64_t seed) {
    Random random(seed);
    TokenTable table(memory);
    while (shared.next < Work::most) {
        const std::uint64_t n = shared.next;
        const std::uint64_t earlier = n - std::min(n - Work::first, random.below(20));
        switch (random.below(8)) {
        case 0:
        case 1:
        case 2:
            shared.next = n + 1;
            table.put(grant_of(n, random.below(5), random.below(2) == 0 ? 10 : 30000, crash_time), surveyed_limits,
                      crash_time);
            break;
        case 3:
            table.expire(crash_time + 20, all);
            break;
        case 4:
            take(table, presenting(earlier, leased_ws, operation_binding), crash_time);
            break;
        default:
            if (take(table, presenting(earlier), crash_time) == TakeStatus::redeemed) {
                shared.redeemed[earlier] = static_cast<std::uint8_t>(shared.redeemed[earlier] + 1);
            }
        }
        shared.turns = shared.turns + 1;
    }
    for (;;) {
        pause();
    }
}

void random_kills_leave_the_table_usable(void**) {
    const SharedMemory shared_memory(sizeof(Work)), table_memory(Stage::table_size());
    Work& shared = *static_cast<Work*>(shared_memory.data());
    TokenTable(table_memory.data()).format(surveyed_capacity, blocks_for(surveyed_capacity));
    Random random(31);
    std::uint64_t turns = 0, last = 0;
    for (std::uint64_t round = 0; round < 400; ++round) {
        std::memset(shared_memory.data(), 0, offsetof(Work, redeemed) + last);
        shared.next = Work::first;
        const pid_t child = fork();
        if (child == 0) {
            work(shared, table_memory.data(), round);
        }
        for (int wait = 0; wait < 400000 && shared.turns == 0; ++wait) {
            usleep(50);
        }
        usleep(static_cast<useconds_t>(random.below(1500)));
        kill_and_wait(child);

        const std::string what = "round " + std::to_string(round);
        TokenTable table(table_memory.data());
        table.expire(crash_time, 0);
        std::uint32_t count = 0;
        expect(shared.turns != 0, what + ": the child did some work");
        for (std::uint64_t n = Work::first; n < shared.next; ++n) {
            const TakeStatus status = take(table, looking(n), crash_time);
            count += status == TakeStatus::looked_at || status == TakeStatus::leased_elsewhere;
        }
        expect_equal(table.live(), count, what + ": live() is the number of tokens that can be taken");
        for (std::uint64_t n = Work::first; n < shared.next; ++n) {
            const bool now = take(table, presenting(n), crash_time) == TakeStatus::redeemed;
            expect(shared.redeemed[n] + now <= 1, what + ": token " + std::to_string(n) + " is redeemed twice");
        }
        turns += shared.turns;
        last = shared.next;
        const std::uint32_t leased = table.live();
        expect_equal(table.expire(crash_time + 100000, all), leased, what + ": the queues expire everything");
        expect_equal(table.live(), 0u, what);
        expect_equal(table.sessions(), 0u, what);
    }
    print_message("%llu operations, 400 kills\n", static_cast<unsigned long long>(turns));
    Survey(table_memory.data(), {{1, {1, Left::never}}}, "in the end").all_variants();
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(put_may_be_killed),
        cmocka_unit_test(put_of_a_new_user_may_be_killed),
        cmocka_unit_test(put_that_expires_others_may_be_killed),
        cmocka_unit_test(take_may_be_killed),
        cmocka_unit_test(take_after_a_take_may_be_killed),
        cmocka_unit_test(put_after_a_take_may_be_killed),
        cmocka_unit_test(expiring_after_a_take_may_be_killed),
        cmocka_unit_test(take_with_a_lease_may_be_killed),
        cmocka_unit_test(take_within_a_lease_may_be_killed),
        cmocka_unit_test(take_in_the_wrong_place_may_be_killed),
        cmocka_unit_test(take_of_an_expired_token_may_be_killed),
        cmocka_unit_test(looking_may_be_killed),
        cmocka_unit_test(expiring_may_be_killed),
        cmocka_unit_test(random_kills_leave_the_table_usable),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
