// A process that is killed at any instruction of any operation leaves the table of logins usable, every record whole or
// gone, and none to be taken twice.
#include <map>

#include "base/crash_stage.hpp"
#include "oidc/table_kit.hpp"

namespace {

using namespace unit;

constexpr std::uint64_t now = 1000000;
constexpr std::uint64_t new_one = 50;

// 1 to 14 of each kind are alive, 20 and 21 expired: the 16 places are taken.
std::vector<char> full_table() {
    OidcMemory memory(one_bucket);
    for (const Kind kind : kinds) {
        for (std::uint64_t n = 1; n <= 14; ++n) {
            put_login(memory.table(), kind, n, n % 3, now + 100 + n, now - 100);
        }
        for (std::uint64_t n = 20; n <= 21; ++n) {
            put_login(memory.table(), kind, n, n, now - 1, now - 100);
        }
    }
    return memory.image();
}

// The same with 15 and 16 in the places of those that expired.
std::vector<char> table_of_the_living() {
    OidcMemory memory(one_bucket, full_table());
    for (const Kind kind : kinds) {
        for (std::uint64_t n = 15; n <= 16; ++n) {
            put_login(memory.table(), kind, n, n % 3, now + 100 + n, now);
        }
    }
    return memory.image();
}

// What is needed is made before, so that a child steps through the table's own instructions and hardly any other.
CrashStage::Operation putting(Kind kind, std::uint64_t n) {
    return [kind, digest = login_digest(n), payload = login_payload(kind, n)](void* memory) {
        return static_cast<int>(oidc::RecordTable(memory, one_bucket).put(kind, digest, 7, payload, now + 200, now));
    };
}

CrashStage::Operation taking(Kind kind, std::uint64_t n) {
    return [kind, digest = login_digest(n)](void* memory) {
        return static_cast<int>(oidc::RecordTable(memory, one_bucket).take(kind, digest, now).found);
    };
}

std::vector<std::uint64_t> records_in(const std::vector<char>& image, Kind kind) {
    OidcMemory memory(one_bucket, image);
    std::vector<std::uint64_t> records;
    for (std::uint64_t n = 1; n <= new_one; ++n) {
        if (has_login(memory.table(), kind, n, now)) {
            records.push_back(n);
        }
    }
    return records;
}

// What must be true whatever happened: the table takes new records, and gives each of them once.
void expect_usable(const std::vector<char>& image, const std::string& what) {
    OidcMemory memory(one_bucket, image);
    for (const Kind kind : kinds) {
        for (std::uint64_t n = 60; n < 76; ++n) {
            expect(put_login(memory.table(), kind, n, n, now + 1000, now), what + ": put");
            expect(has_login(memory.table(), kind, n, now), what + ": it is there");
        }
        std::uint32_t cursor = 0;
        memory.table().wipe_expired(cursor, 48, now);
        for (std::uint64_t n = 1; n < 76; ++n) {
            take_login(memory.table(), kind, n, now);
            expect(!take_login(memory.table(), kind, n, now), what + ": nothing is taken twice");
        }
    }
}

// `touched` are the records that may be there or not; `after` is what is there once the operation has ended.
void survives(std::string_view name, Kind kind, const std::vector<char>& before, const CrashStage::Operation& operation,
              const std::vector<std::uint64_t>& touched) {
    if (!Stepper::works()) {
        print_message("ptrace is not allowed here: random_kills_leave_the_table_usable stands alone\n");
        return;
    }
    const CrashStage stage(before.size());
    const std::vector<Crash> crashes = stage.step_through(before, operation);
    std::map<Kind, std::vector<std::uint64_t>> untouched;
    for (const Kind each : kinds) {
        untouched[each] = records_in(before, each);
    }
    std::erase_if(untouched[kind],
                  [&](std::uint64_t n) { return std::find(touched.begin(), touched.end(), n) != touched.end(); });

    for (const Crash& crash : crashes) {
        const std::string what = describe(name, crash);
        for (const Kind each : kinds) {
            std::vector<std::uint64_t> records = records_in(crash.image, each);
            if (each == kind) {
                std::erase_if(records, [&](std::uint64_t n) {
                    return std::find(touched.begin(), touched.end(), n) != touched.end();
                });
            }
            expect(records == untouched[each], what + ": the other records are there");
        }
        expect_usable(crash.image, what);
    }
    print_message("%s: %zu states in %zu instructions\n", std::string(name).c_str(), crashes.size(),
                  crashes.back().step);
}

void put_may_be_killed(void**) {
    for (const Kind kind : kinds) {
        survives("put in an expired one's place", kind, full_table(), putting(kind, new_one), {new_one, 20, 21});
        // 1, 4, … 16 are the same owner's, who has the most.
        survives("put in a live one's place", kind, table_of_the_living(), putting(kind, new_one), {new_one, 1});
    }
}

void put_of_the_same_digest_may_be_killed(void**) {
    survives("put again", Kind::code, full_table(), putting(Kind::code, 5), {5});
}

void take_may_be_killed(void**) {
    for (const Kind kind : kinds) {
        survives("take", kind, full_table(), taking(kind, 5), {5});
    }
}

// As long as the record can still be taken, the one who was killed had not seen it.
void a_record_is_gone_before_it_is_seen(void**) {
    if (!Stepper::works()) {
        return;
    }
    const std::vector<char> before = full_table();
    std::vector<char> image(before);
    image.resize(before.size() + sizeof(oidc::Record));
    const CrashStage stage(image.size());
    const auto crashes = stage.step_through(image, [&, digest = login_digest(5)](void* memory) {
        auto* out = static_cast<char*>(memory) + before.size();
        const oidc::Record* found =
            new (out) oidc::Record(oidc::RecordTable(memory, one_bucket).take(Kind::code, digest, now));
        return static_cast<int>(found->found);
    });
    expect_equal(crashes.back().report.value_or(0), 1, "it was taken");
    for (const Crash& crash : crashes) {
        const std::string_view seen(crash.image.data() + before.size(), crash.image.size() - before.size());
        const bool is_seen = seen.find(login_payload(Kind::code, 5).substr(0, 8)) != seen.npos;
        OidcMemory memory(
            one_bucket,
            std::vector<char>(crash.image.begin(), crash.image.begin() + static_cast<std::ptrdiff_t>(before.size())));
        expect(!is_seen || !has_login(memory.table(), Kind::code, 5, now), describe("take", crash));
    }
}

void taking_an_expired_one_may_be_killed(void**) {
    survives("take of an expired one", Kind::flow, full_table(), taking(Kind::flow, 20), {});
}

void wiping_may_be_killed(void**) {
    survives("wipe", Kind::flow, full_table(),
             [](void* memory) {
                 std::uint32_t cursor = 0;
                 oidc::RecordTable(memory, one_bucket).wipe_expired(cursor, 48, now);
                 return 1;
             },
             {});
}

void what_a_kill_left_is_wiped_later(void**) {
    if (!Stepper::works()) {
        return;
    }
    OidcMemory empty(one_bucket);
    const CrashStage stage(empty.size());
    const auto crashes =
        stage.step_through(empty.image(), [put = putting(Kind::flow, 1), take = taking(Kind::flow, 1)](void* memory) {
            put(memory);
            return take(memory);
        });
    for (const Crash& crash : crashes) {
        OidcMemory memory(one_bucket, crash.image);
        std::uint32_t cursor = 0;
        memory.table().wipe_expired(cursor, 48, now + 200);
        expect(memory.bytes().find(login_payload(Kind::flow, 1).substr(0, 8)) == std::string_view::npos,
               describe("put and take", crash));
    }
}

// The same without ptrace: a child works as fast as it can and is killed whenever it happens.
struct Work {
    static constexpr std::uint64_t most = 1 << 16;
    volatile std::uint64_t next;
    volatile std::uint64_t turns;
    volatile std::uint8_t taken[most];
};

[[noreturn]] void work(Work& shared, void* memory, std::uint64_t seed) {
    Random random(seed);
    const oidc::RecordTable table(memory, one_bucket);
    while (shared.next < Work::most) {
        const std::uint64_t n = shared.next, earlier = n - std::min(n, random.below(20));
        if (random.below(2) == 0) {
            shared.next = n + 1;
            put_login(table, Kind::code, n, random.below(5), now + 1 + random.below(100), now);
        } else if (take_login(table, Kind::code, earlier, now)) {
            shared.taken[earlier] = static_cast<std::uint8_t>(shared.taken[earlier] + 1);
        }
        shared.turns = shared.turns + 1;
    }
    for (;;) {
        pause();
    }
}

void random_kills_leave_the_table_usable(void**) {
    const SharedMemory shared_memory(sizeof(Work)), table_memory(oidc::RecordTable::bytes_for(one_bucket));
    Work& shared = *static_cast<Work*>(shared_memory.data());
    Random random(31);
    for (std::uint64_t round = 0; round < 200; ++round) {
        const std::uint64_t turns = shared.turns + random.below(300);
        const pid_t child = fork();
        if (child == 0) {
            work(shared, table_memory.data(), round);
        }
        expect(child > 0, "fork");
        while (shared.turns <= turns && shared.next < Work::most) {
            sched_yield();
        }
        kill_and_wait(child);
        const auto* bytes = static_cast<const char*>(table_memory.data());
        const std::string what = "round " + std::to_string(round);
        expect_usable(std::vector<char>(bytes, bytes + table_memory.size()), what);
        const std::uint64_t next = shared.next;
        for (std::uint64_t n = next - std::min<std::uint64_t>(next, 40); n < next; ++n) {
            const bool there = has_login(oidc::RecordTable(table_memory.data(), one_bucket), Kind::code, n, now);
            expect(shared.taken[n] + there <= 1, what + ": record " + std::to_string(n) + " could be taken twice");
        }
    }
    print_message("%llu operations, 200 kills\n", static_cast<unsigned long long>(shared.turns));
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(put_may_be_killed),
        cmocka_unit_test(put_of_the_same_digest_may_be_killed),
        cmocka_unit_test(take_may_be_killed),
        cmocka_unit_test(a_record_is_gone_before_it_is_seen),
        cmocka_unit_test(taking_an_expired_one_may_be_killed),
        cmocka_unit_test(wiping_may_be_killed),
        cmocka_unit_test(what_a_kill_left_is_wiped_later),
        cmocka_unit_test(random_kills_leave_the_table_usable),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
