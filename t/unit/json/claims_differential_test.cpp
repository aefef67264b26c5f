// json::Claims and jansson say the same of a corpus and of what mutations make of it.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "claims_comparison.hpp"
#include "unit.hpp"

using namespace unit;

namespace {

constexpr std::chrono::seconds duration{2};

std::vector<std::string> corpus() {
    std::vector<std::string> texts;
    for (const auto& file : std::filesystem::directory_iterator(AUTH_GATE_FUZZ_CORPUS "/claims")) {
        std::ifstream in(file.path(), std::ios::binary);
        texts.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
    std::sort(texts.begin(), texts.end());  // the same in every run
    return texts;
}

void expect_agreement(const std::string& text) {
    const std::string what = fuzz::disagreement(text);
    expect(what.empty(), what + " of " + text);
}

void the_corpus(void**) {
    const std::vector<std::string> texts = corpus();
    expect(texts.size() > 20, "the corpus is there");
    for (const std::string& text : texts) {
        expect_agreement(text);
    }
}

std::string mutated(const std::vector<std::string>& texts, Random& random) {
    static constexpr std::string_view pieces[] = {
        "{",     "}",    "[",     "]",       ",",       ":",        "\"",   "\\",   "\\u0061", "-",
        "0",     "1",    "9",     ".",       "e",       "E",        "+",    " ",    "\n",      "true",
        "false", "null", "\"a\"", "\"a\":1", ",\"a\":", "\xc3\xa4", "\xff", "\x7f", "\x1f",    "99999999999999999999",
        "a",     "A",
    };
    std::string text = texts[random.below(texts.size())];
    for (std::uint64_t changes = 1 + random.below(4); changes != 0; --changes) {
        const std::size_t at = random.below(text.size() + 1);
        const std::size_t size = random.below(4);
        switch (random.below(4)) {
        case 0:
            text.insert(at, pieces[random.below(std::size(pieces))]);
            break;
        case 1:
            text.erase(at, size);
            break;
        case 2:
            text.replace(at, size, pieces[random.below(std::size(pieces))]);
            break;
        case 3: {
            const std::string& other = texts[random.below(texts.size())];
            text.insert(at, other, random.below(other.size() + 1), random.below(20));
            break;
        }
        }
    }
    return text;
}

void mutations(void**) {
    const std::vector<std::string> texts = corpus();
    Random random(11);
    const auto end = std::chrono::steady_clock::now() + duration;
    while (std::chrono::steady_clock::now() < end) {
        expect_agreement(mutated(texts, random));
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(the_corpus), cmocka_unit_test(mutations)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
