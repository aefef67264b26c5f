// Base64url: each value has one text, and all other texts are refused.
#include "unit.hpp"

#include "core/base/base64url.hpp"

namespace {

using namespace unit;
namespace base64url = auth_gate::base64url;

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string random_text(Random& random, std::size_t size) {
    std::string text(size, '\0');
    for (char& c : text) {
        c = static_cast<char>(random.below(256));
    }
    return text;
}

void known_texts_encode_and_decode(void**) {
    static constexpr struct {
        std::string_view bytes, text;
    } table[] = {
        {"", ""},
        {"f", "Zg"},
        {"fo", "Zm8"},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg"},
        {"fooba", "Zm9vYmE"},
        {"foobar", "Zm9vYmFy"},
        {"\xff\xff\xff"sv, "____"},
        {"\xfb\xef\xbe"sv, "----"},
        {"\0\0\0\0"sv, "AAAAAA"},
        {"\x14\xfb\x9c\x03\xd9\x7e"sv, "FPucA9l-"},
        {R"({"alg":"HS256","typ":"JWT"})", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"},
    };
    for (const auto& row : table) {
        expect_equal(base64url::encode(row.bytes), row.text, row.bytes);
        expect_equal(base64url::decode(row.text), row.bytes, row.text);
    }
}

void every_length_round_trips(void**) {
    Random random(1);
    for (std::size_t size = 0; size < 600; ++size) {
        for (int round = 0; round < 8; ++round) {
            const std::string bytes = random_text(random, size);
            const std::string text = base64url::encode(bytes);
            expect_equal(text.size(), (size * 4 + 2) / 3, "characters for " + std::to_string(size) + " bytes");
            expect_equal(base64url::decoded_size(text.size()), size, "decoded_size");
            expect(base64url::is_alphabet(text), text);
            expect_equal(base64url::decode(text), bytes, text);
        }
    }
}

void append_keeps_existing_text(void**) {
    std::string out = "a.";
    const std::uint8_t bytes[] = {0xff, 0x00};
    base64url::append(out, bytes);
    expect_equal(out, "a._wA"sv, "append");
}

void a_length_of_one_more_than_a_multiple_of_four_is_refused(void**) {
    for (std::size_t size = 1; size < 100; size += 4) {
        expect(!base64url::decode(std::string(size, 'A')), std::to_string(size));
    }
}

void unused_bits_that_are_not_zero_are_refused(void**) {
    int accepted_pairs = 0, accepted_triples = 0;
    for (char last : alphabet) {
        accepted_pairs += base64url::decode("A"s + last).has_value();
        accepted_triples += base64url::decode("AA"s + last).has_value();
        accepted_pairs += base64url::decode("AAAAA"s + last).has_value();
        accepted_triples += base64url::decode("AAAAAA"s + last).has_value();
    }
    expect_equal(accepted_pairs, 2 * 4, "second characters that carry no stray bits");
    expect_equal(accepted_triples, 2 * 16, "third characters that carry no stray bits");
}

// Every accepted text of up to three characters equals the encoding of its value.
void one_value_has_one_text(void**) {
    std::string all(alphabet);
    for (char a : all) {
        for (char b : all) {
            if (const auto bytes = base64url::decode(std::string{a, b})) {
                expect_equal(base64url::encode(*bytes), std::string{a, b}, "two characters");
            }
            for (char c : all) {
                if (const auto bytes = base64url::decode(std::string{a, b, c})) {
                    expect_equal(base64url::encode(*bytes), std::string{a, b, c}, "three characters");
                }
            }
        }
    }
}

void any_other_byte_is_refused_at_any_place(void**) {
    for (std::size_t size = 2; size <= 9; ++size) {
        if (size % 4 == 1) {
            continue;
        }
        for (std::size_t at = 0; at < size; ++at) {
            for (int byte = 0; byte < 256; ++byte) {
                std::string text(size, 'A');
                text[at] = static_cast<char>(byte);
                const bool in_alphabet = alphabet.find(static_cast<char>(byte)) != std::string_view::npos;
                expect_equal(base64url::is_alphabet(text), in_alphabet, text);
                if (!in_alphabet) {
                    expect(!base64url::decode(text), text);
                }
            }
        }
    }
}

void padding_and_white_space_are_refused(void**) {
    for (std::string_view text : std::initializer_list<std::string_view>{
             "Zg==", "Zg=", "Zm8=", "Zm9v=", "Zm9v====", "=", "==", "====", " Zm9v", "Zm9v ", "Zm9v\n", "Zm9v\r\n",
             "Zm\n9v", "Zm9v\t", "Zm 9v", "Zm+v", "Zm/v", "Zm9v\0"sv, "\0"sv}) {
        expect(!base64url::decode(text), text);
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(known_texts_encode_and_decode),
        cmocka_unit_test(every_length_round_trips),
        cmocka_unit_test(append_keeps_existing_text),
        cmocka_unit_test(a_length_of_one_more_than_a_multiple_of_four_is_refused),
        cmocka_unit_test(unused_bits_that_are_not_zero_are_refused),
        cmocka_unit_test(one_value_has_one_text),
        cmocka_unit_test(any_other_byte_is_refused_at_any_place),
        cmocka_unit_test(padding_and_white_space_are_refused),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
