#include "core/base/siphash.hpp"

#include <string>

#include "unit.hpp"

using namespace auth_gate;
using namespace unit;

namespace {

// The designers' test vectors: key 00 01 … 0f, texts 00 01 … of each length.
constexpr SipHashKey key = {0x0706050403020100, 0x0f0e0d0c0b0a0908};

std::string counted(std::size_t size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) {
        text += static_cast<char>(i);
    }
    return text;
}

void published_vectors_match(void**) {
    const std::uint64_t wanted[] = {
        0x726fdb47dd0e0e31, 0x74f839c593dc67fd, 0x0d6c8009d9a94f5a, 0x85676696d7fb7e2d,
        0xcf2794e0277187b7, 0x18765564cd99a68d, 0xcbc9466e58fee3ce, 0xab0200f58b01d137,
        0x93f5f5799a932462, 0x9e0082df0ba9e4b0, 0x7a5dbbc594ddb9f3, 0xf4b32f46226bada7,
        0x751e8fbc860ee5fb, 0x14ea5627c0843d90, 0xf723ca908e7af2ee, 0xa129ca6149be45e5,
    };
    for (std::size_t size = 0; size < std::size(wanted); ++size) {
        expect_equal(siphash<2, 4>(key, counted(size)), wanted[size], std::to_string(size));
    }
}

void keys_and_lengths_change_the_hash(void**) {
    const SipHashKey other = {key.k0 + 1, key.k1};
    for (std::size_t size = 0; size < 40; ++size) {
        const std::string text = counted(size);
        expect(keyed_hash(key, text) != keyed_hash(other, text), "under another key");
        expect(keyed_hash(key, text) != keyed_hash(key, text + '\0'), "of another length");
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(published_vectors_match),
        cmocka_unit_test(keys_and_lengths_change_the_hash),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
