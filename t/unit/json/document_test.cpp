#include "core/json/document.hpp"

#include <cstdint>
#include <utility>

#include "unit.hpp"

using namespace auth_gate;
using namespace unit;

namespace {

void a_document_is_read_like_any_json(void**) {
    const json::Document document =
        json::Document::parse_object(R"({"a":[1,{"b":"ü"}],"c":1.5,"d":99999999999999999999})");
    expect(static_cast<bool>(document), "an object");
    expect_equal(json::text(json::member(document.get(), "a")).value_or(""), R"([1,{"b":"ü"}])"sv, "nested");
    expect(json_is_real(json::member(document.get(), "d")), "a huge integer");
    expect(document.bytes() > 0, "its size is known");
}

void what_is_no_object_is_refused(void**) {
    for (const std::string& text :
         {""s, "{"s, "[]"s, "1"s, "null"s, R"({"a":1,"a":2})"s, R"({"a":1} x)"s, "{\"a\":\"\xff\"}"s}) {
        expect(!json::Document::parse_object(text), text);
    }
}

// What jansson made before, between and after stays its own.
void others_memory_is_not_touched(void**) {
    json::Value before = json::parse(R"({"a":1})");
    const json::Document document = json::Document::parse_object(R"({"b":2})");
    const json::Value after = json::parse(R"({"c":3})");
    json_object_set_new(before.get(), "d", json_string("four"));
    expect_equal(json::text(before.get()).value_or(""), R"({"a":1,"d":"four"})"sv, "before");
    before.reset();
    expect_equal(json::text(document.get()).value_or(""), R"({"b":2})"sv, "the document");
    expect_equal(json::text(after.get()).value_or(""), R"({"c":3})"sv, "after");
}

void it_can_be_moved(void**) {
    json::Document document = json::Document::parse_object(R"({"a":1})");
    json::Document other = std::move(document);
    expect_equal(json::text(other.get()).value_or(""), R"({"a":1})"sv, "moved");
    other = json::Document::parse_object(R"({"b":2})");
    expect_equal(json::text(other.get()).value_or(""), R"({"b":2})"sv, "assigned");
}

void large_ones_take_more_pieces(void**) {
    std::string text = "{\"list\":[0";
    for (int i = 1; i < 5000; ++i) {
        text += ",{\"n\":" + std::to_string(i) + "}";
    }
    text += "]}";
    const json::Document document = json::Document::parse_object(text);
    expect_equal(json::text(document.get()).value_or(""), text, "all of it");
    expect(document.bytes() > text.size(), "and counted");
}

void pieces_are_aligned(void**) {
    json::Arena arena;
    for (std::size_t size = 1; size < 5000; size += 37) {
        const auto at = reinterpret_cast<std::uintptr_t>(arena.allocate(size));
        expect(at != 0 && at % alignof(std::max_align_t) == 0, std::to_string(size));
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_document_is_read_like_any_json), cmocka_unit_test(what_is_no_object_is_refused),
        cmocka_unit_test(others_memory_is_not_touched),     cmocka_unit_test(it_can_be_moved),
        cmocka_unit_test(large_ones_take_more_pieces),      cmocka_unit_test(pieces_are_aligned),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
