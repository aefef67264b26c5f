#include "core/base/nh_hash.hpp"

#include <array>
#include <set>
#include <string>

#include "unit.hpp"

using namespace auth_gate;
using namespace unit;

namespace {

using Hash = NhHash<64>;

Hash hash_with(std::uint64_t seed) {
    Random random(seed);
    Hash::Key key;
    for (std::uint64_t& word : key) {
        word = random.next();
    }
    return Hash(key);
}

std::uint64_t spread(std::uint64_t word) {
    return Hash::spread(word);
}

// (m0 + k0) * (m1 + k1) + (m2 + k2) * (m3 + k3) + size, computed by hand.
void small_numbers_multiply_and_add(void**) {
    Hash::Key key = {10, 20, 30, 40, 50, 60, 70, 80, 1000};
    const std::uint64_t words[] = {1, 2, 3, 4};
    const std::string text(reinterpret_cast<const char*>(words), sizeof(words));
    const Hash hash(key);
    expect_equal(hash({}), spread(0), "nothing");
    expect_equal(hash(text.substr(0, 16)), spread(11 * 22 + 16), "one pair");
    expect_equal(hash(text), spread(11 * 22 + 33 * 44 + 32), "two pairs");
    expect_equal(hash(text.substr(0, 9)), spread(11 * 22 + 9), "the end is filled up with zeros");
    key[0] = key[1] = std::uint64_t{1} << 32;
    expect_equal(Hash(key)(std::string(16, '\0')), spread(1000 + 16), "the upper half counts");
}

void every_bit_and_the_length_change_the_hash(void**) {
    const Hash hash = hash_with(1);
    std::set<std::uint64_t> seen;
    std::size_t asked = 0;
    for (std::size_t size = 0; size <= 64; ++size) {
        std::string text(size, 'a');
        seen.insert(hash(text));
        ++asked;
        for (std::size_t bit = 0; bit < 8 * size; ++bit) {
            text[bit / 8] = static_cast<char>(text[bit / 8] ^ 1 << bit % 8);
            seen.insert(hash(text));
            ++asked;
            text[bit / 8] = 'a';
        }
        if (size < 64) {
            seen.insert(hash(text + '\0'));
            ++asked;
        }
    }
    expect_equal(seen.size(), asked, "no two texts share a hash");
}

void another_key_gives_another_hash(void**) {
    const std::string text = "a text";
    expect(hash_with(1)(text) != hash_with(2)(text), "another key");
    expect_equal(hash_with(1)(text), hash_with(1)(text), "the same key");
}

// Tables index by the lower bits: similar texts must spread over a table as if at random.
void lower_bits_spread(void**) {
    const Hash hash = hash_with(3);
    std::array<int, 64> places{};
    for (int i = 0; i < 6400; ++i) {
        places[hash("{\"id\":" + std::to_string(100000 + i) + "}") % places.size()]++;
    }
    for (const int texts : places) {
        expect(texts > 40 && texts < 180, std::to_string(texts) + " of 100");
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(small_numbers_multiply_and_add),
        cmocka_unit_test(every_bit_and_the_length_change_the_hash),
        cmocka_unit_test(another_key_gives_another_hash),
        cmocka_unit_test(lower_bits_spread),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
