// The number of instructions of an operation does not grow with the number of live tokens.
#include "base/stepper.hpp"
#include "token/table_kit.hpp"

#include <algorithm>
#include <vector>

namespace {

using namespace unit;

constexpr std::uint64_t now = 1000000;
constexpr std::uint32_t capacity = 10000;
constexpr TokenLimits wide = {all, all};

// The number of instructions of one call in a table with `live` tokens. Where tracing is not allowed, each call counts
// as one instruction, so the test passes without checking anything.
template <typename F>
std::size_t cost_of(std::uint32_t live, F&& operation) {
    const SharedMemory memory(TokenTable::bytes_for(capacity, blocks_for(capacity)));
    TokenTable table(memory.data());
    table.format(capacity, blocks_for(capacity));
    for (std::uint64_t n = 0; n < live; ++n) {
        expect(table.put(grant_of(n, n % 1000, n % 2 == 0 ? 30000 : 60000, now), wide, now) == PutStatus::stored,
               "put");
    }
    Stepper stepper([&] { operation(table, live); });
    std::size_t steps = 1;
    while (stepper.step()) {
        ++steps;
    }
    return steps;
}

template <typename F>
void expect_flat(std::string_view name, F&& operation) {
    const std::size_t few = cost_of(10, operation), many = cost_of(capacity - 1, operation);
    print_message("%s: %zu instructions among 10 tokens, %zu among 9999\n", std::string(name).c_str(), few, many);
    expect(many <= few * 3 / 2 + 400, std::string(name) + " costs more with more tokens");
}

void putting_costs_the_same(void**) {
    const TokenGrant grant = grant_of(1000000, 3, 30000, now);
    expect_flat("put", [&](TokenTable& table, std::uint32_t) { table.put(grant, wide, now); });
}

void taking_costs_the_same(void**) {
    expect_flat("take", [&](TokenTable& table, std::uint32_t live) { table.take(presenting(live / 2), now); });
}

void taking_an_unknown_token_costs_the_same(void**) {
    expect_flat("unknown", [&](TokenTable& table, std::uint32_t) { table.take(presenting(2000000), now); });
}

void taking_with_a_lease_costs_the_same(void**) {
    expect_flat("lease",
                [&](TokenTable& table, std::uint32_t live) { table.take(presenting(live / 2, leased_ws), now); });
}

void expiring_one_costs_the_same(void**) {
    expect_flat("expire", [&](TokenTable& table, std::uint32_t) { table.expire(now + 30000, 1); });
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(putting_costs_the_same),
        cmocka_unit_test(taking_costs_the_same),
        cmocka_unit_test(taking_an_unknown_token_costs_the_same),
        cmocka_unit_test(taking_with_a_lease_costs_the_same),
        cmocka_unit_test(expiring_one_costs_the_same),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
