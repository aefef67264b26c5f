// The form of tokens, and the ids of purposes.
#include "unit.hpp"

#include <set>

#include "core/token/token.hpp"

namespace {

using namespace unit;
using namespace auth_gate;

constexpr std::string_view sample = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

void a_new_token_is_64_lower_case_hex_digits_and_its_digest(void**) {
    std::set<std::string> texts;
    std::set<Digest> digests;
    for (int i = 0; i < 1000; ++i) {
        const auto token = make_token_text();
        expect(token.has_value(), "the system has randomness");
        const std::string text(token->view());
        expect_equal(text.size(), token_text_size, text);
        expect(text.find_first_not_of("0123456789abcdef") == std::string::npos, text);
        expect(token_digest(text) == token->digest, "its digest is the one that presenting it gives");
        expect(texts.insert(text).second && digests.insert(token->digest).second, "never the same again");
    }
}

void the_digest_is_of_the_bytes_not_of_the_digits(void**) {
    std::string bytes;
    for (int i = 0; i < 4; ++i) {
        bytes += "\x01\x23\x45\x67\x89\xab\xcd\xef";
    }
    expect(token_digest(sample) == sha256(bytes), sample);
    std::set<Digest> digests;
    for (std::size_t at = 0; at < token_text_size; ++at) {
        for (char digit : "0123456789abcdef"sv) {
            std::string text(sample);
            text[at] = digit;
            digests.insert(token_digest(text).value());
        }
    }
    expect_equal(digests.size(), 15 * token_text_size + 1, "each digit at each place counts");
}

void all_digits_occur_at_all_positions(void**) {
    std::set<char> seen[token_text_size];
    for (int i = 0; i < 1000; ++i) {
        const auto token = make_token_text();
        for (std::size_t at = 0; at < token_text_size; ++at) {
            seen[at].insert(token->text[at]);
        }
    }
    for (const auto& digits : seen) {
        expect_equal(digits.size(), std::size_t{16}, "digits at a place");
    }
}

void only_the_exact_form_is_a_token(void**) {
    expect(token_digest(sample).has_value(), sample);
    expect(!token_digest(""), "nothing");
    expect(!token_digest(sample.substr(1)), "63 digits");
    expect(!token_digest(std::string(sample) + "0"), "65 digits");
    expect(!token_digest(std::string(sample) + std::string(sample)), "two tokens");
    expect(!token_digest(std::string(65536, 'a')), "64 KB");
    for (std::size_t at : {0u, 1u, 31u, 62u, 63u}) {
        for (int byte = 0; byte < 256; ++byte) {
            std::string text(sample);
            text[at] = static_cast<char>(byte);
            const bool good = "0123456789abcdef"sv.find(static_cast<char>(byte)) != std::string_view::npos;
            expect_equal(token_digest(text).has_value(), good, text);
        }
    }
}

void purpose_ids_are_the_same_in_every_build(void**) {
    static_assert(purpose_id("") == 0x811c9dc5u);
    static_assert(purpose_id("a") == 0xe40c292cu);
    static_assert(purpose_id("foobar") == 0xbf9cf968u);
    std::set<std::uint32_t> ids;
    for (std::string_view name : {"ws", "download", "immich", "WS", "Download", "ws ", "oidc_state", "oidc_code", ""}) {
        expect(ids.insert(purpose_id(name)).second, name);
    }
    expect_equal(purpose_id("\xff"), (2166136261u ^ 0xffu) * 16777619u, "bytes above 0x7f are not negative");
}

void every_outcome_has_its_own_sentence_and_three_are_good(void**) {
    std::set<std::string_view> sentences;
    int good = 0;
    for (TakeStatus status : {TakeStatus::redeemed, TakeStatus::repeated, TakeStatus::looked_at, TakeStatus::unknown,
                              TakeStatus::expired, TakeStatus::wrong_purpose, TakeStatus::leased_elsewhere}) {
        expect(!sentence(status).empty() && sentences.insert(sentence(status)).second, sentence(status));
        Taken taken;
        taken.status = status;
        good += taken.good();
    }
    expect_equal(good, 3, "redeemed, repeated, looked_at");
    expect(!Taken{}.good(), "refusal is the default");
    expect(Put{}.status == PutStatus::full, "of putting as well");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_new_token_is_64_lower_case_hex_digits_and_its_digest),
        cmocka_unit_test(the_digest_is_of_the_bytes_not_of_the_digits),
        cmocka_unit_test(all_digits_occur_at_all_positions),
        cmocka_unit_test(only_the_exact_form_is_a_token),
        cmocka_unit_test(purpose_ids_are_the_same_in_every_build),
        cmocka_unit_test(every_outcome_has_its_own_sentence_and_three_are_good),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
