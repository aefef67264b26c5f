// JSON read strictly, and claims as text.
#include "unit.hpp"

#include "core/json/json.hpp"

namespace {

using namespace unit;
namespace json = auth_gate::json;

void what_is_json_is_read(void**) {
    for (std::string_view text : {"{}", "[]", "null", "true", "1", "-0", "1.5", "1e300", "\"\"", " {} ", "\t[1]\r\n",
                                  R"({"a":{"a":1},"b":[{"a":1}]})", R"("ä")", R"("\u00e4\ud83d\ude00")",
                                  "9223372036854775807", "-9223372036854775808", "99999999999999999999"}) {
        expect(json::parse(text) != nullptr, text);
    }
}

void what_is_no_json_is_refused(void**) {
    for (std::string_view text : std::initializer_list<std::string_view>{"",
                                                                         " ",
                                                                         "{",
                                                                         "}",
                                                                         "{}x",
                                                                         "{}{}",
                                                                         "{} ,",
                                                                         "x{}",
                                                                         "{'a':1}",
                                                                         "{a:1}",
                                                                         "{\"a\":1,}",
                                                                         "[1,]",
                                                                         "[,]",
                                                                         "01",
                                                                         "+1",
                                                                         ".5",
                                                                         "1.",
                                                                         "NaN",
                                                                         "Infinity",
                                                                         "-",
                                                                         "1e999",
                                                                         "-1e999",
                                                                         "TRUE",
                                                                         "nul",
                                                                         "\"",
                                                                         "\"\n\"",
                                                                         "\"\\x\"",
                                                                         "\"\\ud800\"",
                                                                         "\xef\xbb\xbf{}",
                                                                         "{}\0"sv,
                                                                         "\0{}"sv,
                                                                         "{\"a\":\"\0\"}"sv,
                                                                         "{\"a\\u0000\":1}",
                                                                         "\"\\u0000\"",
                                                                         "\"\xff\"",
                                                                         "\"\xc0\xaf\"",
                                                                         "\"\xed\xa0\x80\"",
                                                                         "\"\xf4\x90\x80\x80\"",
                                                                         "/**/{}",
                                                                         "{}//"}) {
        expect(json::parse(text) == nullptr, text);
    }
    expect(json::parse(std::string_view()) == nullptr, "a view of nothing");
}

void a_text_ends_where_its_view_ends(void**) {
    const std::string_view text = "{}{\"a\":1}";
    expect(json::parse(text.substr(0, 2)) != nullptr, "the first two characters");
    expect(json::parse(text.substr(0, 1)) == nullptr, "the first one");
}

void duplicate_members_are_refused(void**) {
    for (std::string_view text :
         {R"({"a":1,"a":1})", R"({"a":1,"\u0061":2})", R"({"b":{"a":1,"a":2}})", R"([{"a":1,"b":2,"a":3}])",
          R"({"a":99999999999999999999,"a":1})", R"({"":1,"":2})"}) {
        expect(json::parse(text) == nullptr, text);
    }
    expect(json::parse(R"({"a":1,"A":1})") != nullptr, "names differ by case");
}

void depth_has_a_limit(void**) {
    for (std::size_t depth : {100u, 1000u}) {
        expect(json::parse(std::string(depth, '[') + std::string(depth, ']')) != nullptr, std::to_string(depth));
    }
    for (std::size_t depth : {10000u, 1000000u}) {
        expect(json::parse(std::string(depth, '[') + std::string(depth, ']')) == nullptr, std::to_string(depth));
        expect(json::parse(std::string(depth, '[')) == nullptr, std::to_string(depth) + " and no end");
    }
}

void only_objects_are_objects(void**) {
    expect(json::parse_object("{}") != nullptr, "{}");
    for (std::string_view text : {"[]", "[{}]", "null", "1", "\"{}\"", "true", "", "{"}) {
        expect(json::parse_object(text) == nullptr, text);
    }
}

void members_are_found_by_their_exact_name(void**) {
    const std::string long_name(127, 'n'), longer_name(300, 'n');
    const auto value = json::parse_object("{\"a\":1,\"A\":2,\"\":3,\"" + long_name + "\":4,\"" + longer_name + "\":5}");
    expect(value != nullptr, "parses");
    const auto number = [&](std::string_view name) { return json_integer_value(json::member(value.get(), name)); };
    expect_equal(number("a"), 1, "a");
    expect_equal(number("A"), 2, "A");
    expect_equal(number(""), 3, "the empty name");
    expect_equal(number(long_name), 4, "127 bytes");
    expect(json::member(value.get(), longer_name) == nullptr, "a name of 300 bytes is never asked for: refused");
    expect(json::member(value.get(), "b") == nullptr, "b");
    expect(json::member(value.get(), std::string_view("ab").substr(0, 1)) != nullptr, "a view that is not terminated");
    expect(json::member(nullptr, "a") == nullptr, "of nothing");
    const auto array = json::parse("[1]");
    expect(json::member(array.get(), "a") == nullptr, "of an array");
}

void only_strings_are_strings(void**) {
    expect_equal(json::string(json::parse(R"("a\"ä")").get()), "a\"ä"sv, "a string");
    expect_equal(json::string(json::parse(R"("")").get()), ""sv, "an empty string");
    for (std::string_view text : {"1", "null", "true", "[\"a\"]", "{}"}) {
        expect(!json::string(json::parse(text).get()), text);
    }
    expect(!json::string(nullptr), "nothing");
}

void claims_become_text(void**) {
    static constexpr struct {
        std::string_view json;
        std::optional<std::string_view> text;
    } table[] = {
        {R"("admin")", "admin"},
        {R"("")", ""},
        {R"("a\nb")", "a\nb"},
        {"1", "1"},
        {"-0", "0"},
        {"9007199254740993", "9007199254740993"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"0.5", "0.5"},
        {"1.0", "1.0"},
        {"true", "true"},
        {"false", "false"},
        {"null", std::nullopt},
        {R"([ "a", 1 ])", R"(["a",1])"},
        {R"({ "a" : null })", R"({"a":null})"},
        {"[]", "[]"},
    };
    for (const auto& row : table) {
        expect_equal(json::text(json::parse(row.json).get()), row.text, row.json);
    }
    expect(!json::text(nullptr), "nothing");
}

void a_number_beyond_64_bits_is_a_real(void**) {
    const auto value = json::parse_object(R"({"n":99999999999999999999,"m":-99999999999999999999,"id":7})");
    expect(json_is_real(json::member(value.get(), "n")), "n");
    expect(json_real_value(json::member(value.get(), "n")) > 9e19, "n is huge");
    expect(json_real_value(json::member(value.get(), "m")) < -9e19, "m is huge and negative");
}

void an_integer_beside_a_huge_number_is_the_same_or_no_integer(void**) {
    for (std::string_view number :
         {"0", "-1", "7", "9007199254740991", "-9007199254740991", "9007199254740992", "9007199254740993",
          "-9007199254740993", "9007199254740994", "9223372036854775807"}) {
        const std::string text = "{\"n\":[{\"a\":" + std::string(number) + "}],\"huge\":99999999999999999999}";
        const auto value = json::parse_object(text);
        expect(value != nullptr, text);
        const json_t* array = json::member(value.get(), "n");
        const json_t* n = json::member(json_array_get(array, 0), "a");
        if (json_is_integer(n)) {
            expect_equal(std::to_string(json_integer_value(n)), number, text);
        } else {
            expect(number.size() >= 16, text);
        }
    }
}

void a_real_stays_a_real_beside_a_huge_number(void**) {
    for (std::string_view number : {"1.0", "1e3", "0.5", "-0.0", "1e300"}) {
        const auto value = json::parse_object("{\"n\":" + std::string(number) + ",\"huge\":99999999999999999999}");
        expect(json_is_real(json::member(value.get(), "n")), number);
    }
}

void quoted_text_parses_back(void**) {
    for (std::string_view text : {"", "a", "\"\\/\b\f\n\r\t", "\x01\x1f\x7f", "ä€😀", "</script>", "{\"a\":1}"}) {
        const std::string quoted = json::quote(text);
        expect(quoted.front() == '"' && quoted.back() == '"', quoted);
        expect_equal(json::string(json::parse(quoted).get()), text, quoted);
    }
    expect_equal(json::quote("a\"b"), R"("a\"b")"sv, "a quote is escaped");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(what_is_json_is_read),
        cmocka_unit_test(what_is_no_json_is_refused),
        cmocka_unit_test(a_text_ends_where_its_view_ends),
        cmocka_unit_test(duplicate_members_are_refused),
        cmocka_unit_test(depth_has_a_limit),
        cmocka_unit_test(only_objects_are_objects),
        cmocka_unit_test(members_are_found_by_their_exact_name),
        cmocka_unit_test(only_strings_are_strings),
        cmocka_unit_test(claims_become_text),
        cmocka_unit_test(a_number_beyond_64_bits_is_a_real),
        cmocka_unit_test(an_integer_beside_a_huge_number_is_the_same_or_no_integer),
        cmocka_unit_test(a_real_stays_a_real_beside_a_huge_number),
        cmocka_unit_test(quoted_text_parses_back),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
