// The count of tokens per user against a std::map, in a table where many users share a home.
#include "core/token/user_counts.hpp"

#include <map>
#include <vector>

#include "unit.hpp"

namespace {

using namespace unit;
using auth_gate::AccountKey;
using auth_gate::UserCounts;

constexpr std::uint32_t capacity = 60;

class Table {
public:
    Table() : words_(UserCounts::bytes_for(capacity) / 4 + 1, 0), counts_(words_.data(), capacity) {}

    UserCounts& operator*() { return counts_; }
    UserCounts* operator->() { return &counts_; }

private:
    std::vector<std::uint32_t> words_;
    UserCounts counts_;
};

void a_new_table_counts_no_tokens(void**) {
    Table table;
    for (std::uint64_t key : {0ull, 1ull, 1ull << 32, ~0ull}) {
        expect_equal(table->tokens(AccountKey{key}), 0u, std::to_string(key));
    }
}

// Few homes, including the last one, where the table wraps. Some users differ only in the lower half of their key.
std::uint64_t key_of(std::uint64_t n) {
    static constexpr std::uint64_t homes[] = {0, 1ull << 58, 0x7fffffff00000000, 0xfffffffe00000000,
                                              0xffffffff00000000};
    return homes[n % 5] | n;
}

void counts_match_those_of_a_map(void**) {
    Table table;
    std::map<std::uint64_t, std::uint32_t> model;
    std::uint32_t all = 0;
    Random random(5);
    for (int i = 0; i < 100000; ++i) {
        const bool fill = i / 500 % 2 == 0;
        const std::uint64_t key = key_of(random.below(80));
        if (random.below(4) < (fill ? 3u : 1u) && all < capacity) {
            table->add(AccountKey{key});
            ++model[key];
            ++all;
        } else if (model[key] != 0) {
            table->remove(AccountKey{key});
            --model[key];
            --all;
        }
        const std::uint64_t asked = key_of(random.below(80));
        expect_equal(table->tokens(AccountKey{asked}), model[asked], "operation " + std::to_string(i));
    }
    for (const auto& [key, tokens] : model) {
        expect_equal(table->tokens(AccountKey{key}), tokens, "at the end");
    }
}

void a_table_may_be_full_of_different_users(void**) {
    Table table;
    for (std::uint64_t n = 0; n < capacity; ++n) {
        table->add(AccountKey{key_of(n)});
    }
    expect_equal(table->tokens(AccountKey{key_of(capacity)}), 0u, "a search for somebody else ends");
    for (std::uint64_t n = 0; n < capacity; ++n) {
        table->remove(AccountKey{key_of(n)});
    }
    for (std::uint64_t n = 0; n < capacity; ++n) {
        expect_equal(table->tokens(AccountKey{key_of(n)}), 0u, "all gone");
    }
}

void clearing_resets_all_counts(void**) {
    Table table;
    table->add(AccountKey{7});
    table->clear();
    expect_equal(table->tokens(AccountKey{7}), 0u, "7");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_new_table_counts_no_tokens),
        cmocka_unit_test(counts_match_those_of_a_map),
        cmocka_unit_test(a_table_may_be_full_of_different_users),
        cmocka_unit_test(clearing_resets_all_counts),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
