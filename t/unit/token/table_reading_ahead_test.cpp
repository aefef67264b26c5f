// Reading ahead in the token table, which needs no lock and changes nothing.
#include "token/table_kit.hpp"

#include <algorithm>
#include <vector>

namespace {

using namespace unit;

constexpr TokenLimits wide = {all, all};
constexpr std::uint64_t now = 1000000;

void reading_ahead_changes_nothing(void**) {
    const Memory memory(50);
    TokenTable table = memory.table();
    for (std::uint64_t n = 0; n < 50; ++n) {
        table.put(grant_of(n, n % 7, n % 2 == 0 ? 1000 : 30000, now), wide, now);
    }
    const char* bytes = static_cast<const char*>(memory.data());
    const std::vector<char> before(bytes, bytes + memory.size());
    for (std::uint64_t at : {now, now + 1000, now + 30000}) {
        for (std::uint32_t most : {0u, 1u, 32u, all}) {
            table.look_ahead(at, most);
        }
    }
    for (std::uint64_t n = 0; n < 100; ++n) {
        table.fetch_bucket(digest_of(n));
        table.fetch_slot(digest_of(n));
    }
    expect(std::equal(before.begin(), before.end(), bytes), "the table is as it was");
}

// Reads without the lock while another process writes.
void reading_ahead_terminates_while_the_table_is_changed(void**) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        const Memory memory(40);
        TokenTable table = memory.table();
        for (std::uint64_t n = 0; n < 40; ++n) {
            table.put(grant_of(n, n, 1000, now), wide, now);
        }
        Random random(seed);
        auto* words = static_cast<std::uint32_t*>(memory.data());
        for (std::size_t i = 700; i < memory.size() / 4; ++i) {  // behind the header
            if (random.below(4) == 0) {
                words[i] = static_cast<std::uint32_t>(random.below(3) == 0 ? random.next() : random.below(41));
            }
        }
        table.look_ahead(now + 1000, 1000);
        for (std::uint64_t n = 0; n < 40; ++n) {
            table.fetch_slot(digest_of(n));
        }
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(reading_ahead_changes_nothing),
        cmocka_unit_test(reading_ahead_terminates_while_the_table_is_changed),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
