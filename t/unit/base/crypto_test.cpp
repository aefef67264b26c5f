// Digests and signatures against published vectors, random bytes, and wiping.
#include "unit.hpp"

#include <array>
#include <set>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include "core/base/crypto.hpp"

namespace {

using namespace unit;
using namespace auth_gate;

// FIPS 180-2 and RFC 6234.
void sha256_matches_the_published_vectors(void**) {
    const struct {
        std::string data;
        std::string_view digest;
    } table[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {std::string(1000000, 'a'), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
    };
    for (const auto& row : table) {
        expect_equal(hex(sha256(row.data)), row.digest, row.data);
    }
}

// RFC 3174.
void sha1_matches_the_published_vectors(void**) {
    const struct {
        std::string data;
        std::string_view digest;
    } table[] = {
        {"", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
        {"abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1"},
        {std::string(1000000, 'a'), "34aa973cd4c4daa4f61eeb2bdbad27316534016f"},
    };
    for (const auto& row : table) {
        expect_equal(hex(sha1(row.data)), row.digest, row.data);
    }
}

// RFC 4231, without the truncated case 5.
void hmac_matches_rfc_4231(void**) {
    std::string counting;
    for (char c = 1; c <= 25; ++c) {
        counting += c;
    }
    const struct {
        std::string key, data;
        std::string_view signature;
    } table[] = {
        {std::string(20, '\x0b'), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {"Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {std::string(20, '\xaa'), std::string(50, '\xdd'),
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {counting, std::string(50, '\xcd'), "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
        {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {std::string(131, '\xaa'),
         "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be "
         "hashed before being used by the HMAC algorithm.",
         "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
    };
    for (const auto& row : table) {
        const HmacKey key(row.key);
        expect_equal(hex(key.sign(row.data)), row.signature, row.data);
        expect_equal(hex(key.sign(row.data)), row.signature, "the same key once more");
    }
}

// RFC 2104: a key of up to 64 bytes is padded with zeros, a longer one is replaced by its digest.
void a_key_of_block_size_is_not_hashed_and_a_longer_one_is(void**) {
    const auto signature = [](std::string_view key) { return hex(HmacKey(key).sign("data")); };
    const auto digest_of = [](std::string_view key) {
        const Digest digest = sha256(key);
        return std::string(digest.begin(), digest.end());
    };
    const std::string key63(63, 'k'), key64(64, 'k'), key65(65, 'k'), huge(100000, 'k');
    expect_equal(signature(key63), signature(key63 + '\0'), "63 bytes are padded with zeros");
    expect(signature(key63) != signature(key64), "63 and 64 bytes differ");
    expect(signature(key64) != signature(digest_of(key64)), "64 bytes stand for themselves");
    expect_equal(signature(key65), signature(digest_of(key65)), "65 bytes are hashed");
    expect_equal(signature(huge), signature(digest_of(huge)), "100000 bytes are hashed");
    expect_equal(signature(""), signature("\0"sv), "no bytes are 64 zeros");
    // An empty key and empty data. The digest is from Wikipedia and the openssl command.
    expect_equal(hex(HmacKey("").sign("")), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"sv,
                 "empty");
}

void a_copied_key_outlives_the_original(void**) {
    std::vector<HmacKey> keys;
    for (int i = 0; i < 20; ++i) {
        keys.emplace_back("secret " + std::to_string(i));  // relocates the earlier ones
    }
    for (int i = 0; i < 20; ++i) {
        expect_equal(hex(keys[static_cast<std::size_t>(i)].sign("x")),
                     hex(HmacKey("secret " + std::to_string(i)).sign("x")), std::to_string(i));
    }
    keys[0] = keys[1];
    expect_equal(hex(keys[0].sign("x")), hex(keys[1].sign("x")), "assigned");
}

void digests_are_equal_only_when_every_bit_is(void**) {
    const Digest digest = sha256("x");
    expect(equal_constant_time(digest, digest), "the same digest");
    for (std::size_t bit = 0; bit < 256; ++bit) {
        Digest other = digest;
        other[bit / 8] = static_cast<std::uint8_t>(other[bit / 8] ^ 1 << bit % 8);
        expect(!equal_constant_time(digest, other), std::to_string(bit));
    }
}

void wiped_memory_is_zero(void**) {
    std::array<unsigned char, 100> memory;
    memory.fill(0xee);
    wipe(memory.data() + 1, memory.size() - 2);
    expect(memory.front() == 0xee && memory.back() == 0xee, "the neighbours stay");
    for (std::size_t i = 1; i + 1 < memory.size(); ++i) {
        expect(memory[i] == 0, std::to_string(i));
    }
}

void random_bytes_fill_the_whole_span_and_do_not_repeat(void**) {
    std::set<std::string> seen;
    std::array<bool, 32> changed{};
    for (int i = 0; i < 100; ++i) {
        std::array<std::uint8_t, 32> bytes{};
        expect(random_bytes(bytes), "the system has randomness");
        for (std::size_t at = 0; at < bytes.size(); ++at) {
            changed[at] = changed[at] || bytes[at] != 0;
        }
        expect(seen.insert(hex(bytes)).second, "never the same again");
    }
    for (bool one : changed) {
        expect(one, "every byte is filled");
    }
}

void hex_digits_are_lower_case(void**) {
    const std::uint8_t bytes[] = {0x00, 0x0f, 0xa5, 0xff};
    char out[9] = "zzzzzzzz";
    to_hex(bytes, out);
    expect_equal(std::string_view(out), "000fa5ff"sv, "to_hex");
}

void a_short_hash_is_the_first_eight_bytes(void**) {
    Digest a = sha256("x"), b = a;
    b[8] ^= 1;
    expect(short_hash(a) == short_hash(b), "the ninth byte does not count");
    b = a;
    b[7] ^= 1;
    expect(short_hash(a) != short_hash(b), "the eighth does");
}

std::string drawn(std::size_t size) {
    std::string text(size, '\0');
    expect(stocked_random_bytes(std::span(reinterpret_cast<std::uint8_t*>(text.data()), size)), "there is randomness");
    return text;
}

void buffered_random_bytes_do_not_repeat(void**) {
    std::set<std::string> seen;
    for (int i = 0; i < 5000; ++i) {
        expect(seen.insert(drawn(32)).second, std::to_string(i));
    }
    expect(drawn(5000) != drawn(5000), "more than the stock holds");
    expect(drawn(5000).find(std::string(64, '\0')) == std::string::npos, "all of it");
}

// A child that shared its parent's buffer would issue the parent's next tokens.
void a_forked_process_does_not_share_the_buffer(void**) {
    drawn(32);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
        const std::string text = drawn(32);
        _exit(write(ends[1], text.data(), text.size()) == 32 ? 0 : 1);
    }
    std::string childs(32, '\0');
    assert_int_equal(read(ends[0], childs.data(), childs.size()), 32);
    assert_int_equal(waitpid(child, nullptr, 0), child);
    close(ends[0]);
    close(ends[1]);
    expect(drawn(32) != childs, "another text");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(sha256_matches_the_published_vectors),
        cmocka_unit_test(sha1_matches_the_published_vectors),
        cmocka_unit_test(hmac_matches_rfc_4231),
        cmocka_unit_test(a_key_of_block_size_is_not_hashed_and_a_longer_one_is),
        cmocka_unit_test(a_copied_key_outlives_the_original),
        cmocka_unit_test(digests_are_equal_only_when_every_bit_is),
        cmocka_unit_test(wiped_memory_is_zero),
        cmocka_unit_test(random_bytes_fill_the_whole_span_and_do_not_repeat),
        cmocka_unit_test(buffered_random_bytes_do_not_repeat),
        cmocka_unit_test(a_forked_process_does_not_share_the_buffer),
        cmocka_unit_test(hex_digits_are_lower_case),
        cmocka_unit_test(a_short_hash_is_the_first_eight_bytes),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
