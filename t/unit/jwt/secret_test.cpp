// Secrets as they are configured and generated.
#include "unit.hpp"

#include <set>

#include "core/jwt/secret.hpp"

namespace {

using namespace unit;
using namespace auth_gate;

void one_trailing_newline_of_a_file_is_dropped(void**) {
    static constexpr struct {
        std::string_view content, secret;
    } table[] = {
        {"secret", "secret"},
        {"secret\n", "secret"},
        {"secret\n\n", "secret\n"},
        {"\nsecret", "\nsecret"},
        {"secret ", "secret "},
        {"", ""},
        {"\n", ""},
        {"\n\n", "\n"},
        {"a\0b\n"sv, "a\0b"sv},
        {"secret\n ", "secret\n "},
    };
    for (const auto& row : table) {
        expect_equal(secret_from_file_content(row.content), row.secret, row.content);
    }
}

void a_generated_secret_is_64_hex_digits_and_never_the_same(void**) {
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        const auto secret = generate_secret();
        expect(secret.has_value(), "the system has randomness");
        expect_equal(secret->size(), std::size_t{64}, "size");
        expect(secret->find_first_not_of("0123456789abcdef") == std::string::npos, "lower-case hex");
        expect(seen.insert(*secret).second, "new");
    }
    expect(64 >= short_secret_size, "and never a short one");
}

void every_secret_has_a_key_id_of_its_own(void**) {
    expect(key_id_of("a") == key_id_of("a"), "the same secret");
    std::set<std::uint64_t> ids;
    for (const std::string_view secret : {"", "a", "b", "ab", "ba", "a ", "A"}) {
        expect(ids.insert(key_id_of(secret)).second, secret);
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(one_trailing_newline_of_a_file_is_dropped),
        cmocka_unit_test(a_generated_secret_is_64_hex_digits_and_never_the_same),
        cmocka_unit_test(every_secret_has_a_key_id_of_its_own),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
