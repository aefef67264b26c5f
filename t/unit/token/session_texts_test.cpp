// Sessions in shared memory: each once, for as long as somebody refers to it.
#include "unit.hpp"

#include "core/token/session_texts.hpp"

#include <memory>
#include <string>
#include <vector>

namespace {

using namespace unit;
using namespace auth_gate;

class Memory {
public:
    explicit Memory(std::uint32_t blocks)
        : words_(std::make_unique<std::uint32_t[]>((SessionTexts::bytes_for(blocks) + 3) / 4)),
          texts(words_.get(), blocks) {}

private:
    std::unique_ptr<std::uint32_t[]> words_;

public:
    SessionTexts texts;
};

std::string read(const SessionTexts& texts, SessionTexts::Index i) {
    std::string text(SessionTexts::largest, '\0');
    text.resize(texts.read(i, text.data()));
    return text;
}

std::string text_of(std::size_t size) {
    std::string text;
    while (text.size() < size) {
        text += std::to_string(text.size()) + ' ';
    }
    text.resize(size);
    return text;
}

void a_text_of_any_size_is_read_as_it_was_stored(void**) {
    for (std::size_t size = 1; size <= SessionTexts::largest; ++size) {
        const Memory memory(SessionTexts::blocks_for(size));
        SessionTexts texts = memory.texts;
        const auto i = texts.add(7, text_of(size));
        expect(i != 0, std::to_string(size));
        expect_equal(read(texts, i), text_of(size), std::to_string(size));
        expect_equal(texts.add(7, "another"), 0u, "no block is left");
        texts.release(i);
        expect(texts.add(7, text_of(size)) != 0, "all are free again");
    }
    const Memory memory(100);
    SessionTexts texts = memory.texts;
    expect_equal(texts.add(7, text_of(SessionTexts::largest + 1)), 0u, "one that is too large");
}

void a_text_is_stored_once(void**) {
    const Memory memory(100);
    SessionTexts texts = memory.texts;
    const auto i = texts.add(7, "first");
    expect_equal(texts.add(7, "first"), i, "the same");
    const auto other = texts.add(7, "fjrst");
    expect(other != i, "another one of the same hash");
    const auto third = texts.add(8, "first");
    expect(third != i, "the same text under another hash is another session");
    expect_equal(texts.live(), 3u, "three");
    texts.release(i);
    expect_equal(read(texts, i), std::string("first"), "one reference is left");
    texts.release(i);
    expect_equal(texts.live(), 2u, "none is left");
    expect_equal(read(texts, i), std::string(), "it is gone");
    texts.release(i);
    expect_equal(texts.live(), 2u, "giving back too much changes nothing");
    expect_equal(read(texts, other), std::string("fjrst"), "the others stay");
    expect_equal(read(texts, third), std::string("first"), "the others stay");
    expect_equal(read(texts, 0), std::string(), "none");
    texts.release(0);
}

void a_part_can_be_left_to_others(void**) {
    const Memory memory(10);
    SessionTexts texts = memory.texts;
    for (std::uint32_t n = 0; n < 5; ++n) {
        expect(texts.add(n << 28, "a", true) != 0, "the first half");
    }
    expect_equal(texts.add(9u << 28, "a", true), 0u, "not of the other half");
    expect(texts.add(1u << 28, "a", true) != 0, "but what is there is found");
    expect(texts.add(9u << 28, "a") != 0, "others may");
}

void a_rebuild_keeps_what_is_counted(void**) {
    const Memory memory(40);
    SessionTexts texts = memory.texts;
    std::vector<SessionTexts::Index> all;
    for (std::uint32_t n = 0; n < 8; ++n) {
        all.push_back(texts.add(n << 28, text_of(100 + n * 50)));
    }
    texts.release(all[3]);
    texts.begin_rebuild();
    for (const std::size_t n : {1u, 1u, 2u, 6u}) {
        texts.count(all[n]);
    }
    texts.count(all[3]);  // is free already
    texts.end_rebuild();
    expect_equal(texts.live(), 3u, "three are referred to");
    for (const std::size_t n : {1u, 2u, 6u}) {
        expect_equal(read(texts, all[n]), text_of(100 + n * 50), std::to_string(n));
    }
    texts.release(all[1]);
    expect_equal(texts.live(), 3u, "it was counted twice");
    for (const std::size_t n : {1u, 2u, 6u}) {
        texts.release(all[n]);
    }
    expect_equal(texts.live(), 0u, "all are gone");
    for (std::uint32_t n = 0; n < 40; ++n) {
        expect(texts.add(n << 20, text_of(n + 1)) != 0, "each block is free");
    }
    expect_equal(texts.add(1, "one more"), 0u, "and there are no more");
}

void memory_is_used_up_to_its_end(void**) {
    for (std::uint32_t blocks = 0; blocks < 50; ++blocks) {
        expect_equal(SessionTexts::count_in(SessionTexts::bytes_for(blocks)), blocks, std::to_string(blocks));
    }
    expect_equal(SessionTexts::count_in(0), 0u, "none");
    const Memory memory(0);
    SessionTexts texts = memory.texts;
    expect_equal(texts.add(1, "a"), 0u, "without blocks there is no room");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_text_of_any_size_is_read_as_it_was_stored),
        cmocka_unit_test(a_text_is_stored_once),
        cmocka_unit_test(a_part_can_be_left_to_others),
        cmocka_unit_test(a_rebuild_keeps_what_is_counted),
        cmocka_unit_test(memory_is_used_up_to_its_end),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
