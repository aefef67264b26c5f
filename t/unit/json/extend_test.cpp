// A member put into somebody else's JSON object.
#include "unit.hpp"

#include "core/json/extend.hpp"
#include "core/json/json.hpp"

namespace {

using namespace unit;
namespace json = auth_gate::json;

void what_is_there_stays_byte_for_byte(void**) {
    static constexpr struct {
        std::string_view object, extended;
    } table[] = {
        {"{}", R"({"m":true})"},
        {"{ }", R"({ "m":true})"},
        {R"({"a":1})", R"({"a":1,"m":true})"},
        {"{\"a\":1}\n", "{\"a\":1,\"m\":true}\n"},
        {"  {\r\n\t\"a\" : 1 }  ", "  {\r\n\t\"a\" : 1 ,\"m\":true}  "},
        {R"({"a":1.0,"b":1e2,"c":-0,"d":0.10})", R"({"a":1.0,"b":1e2,"c":-0,"d":0.10,"m":true})"},
        {R"({"big":12345678901234567890123})", R"({"big":12345678901234567890123,"m":true})"},
        {R"({"n":{"m":false}})", R"({"n":{"m":false},"m":true})"},
        {R"({"s":"}"})", R"({"s":"}","m":true})"},
        {R"({"s":"{\"m\":1}"})", R"({"s":"{\"m\":1}","m":true})"},
        {R"({"s":"\u00e4\/"})", R"({"s":"\u00e4\/","m":true})"},
        {"{\"s\":\"\xc3\xa4\"}", "{\"s\":\"\xc3\xa4\",\"m\":true}"},
        {R"({"M":false})", R"({"M":false,"m":true})"},
        {R"({"":0})", R"({"":0,"m":true})"},
    };
    for (const auto& row : table) {
        expect_equal(json::extend(row.object, "m", "true"), std::optional(std::string(row.extended)), row.object);
    }
}

void a_member_that_is_there_is_replaced_and_the_rest_means_the_same(void**) {
    static constexpr std::string_view table[] = {
        R"({"m":false})",
        R"({"a":1,"m":"no","b":[1,2]})",
        R"({"m":{"m":0},"z":"}"})",
        R"({"\u006d":null,"a":1})",
    };
    for (std::string_view object : table) {
        const auto extended = json::extend(object, "m", R"("true")");
        expect(extended.has_value(), object);
        const auto before = json::parse_object(object);
        const auto after = json::parse_object(*extended);
        expect(after != nullptr, *extended);
        expect_equal(json::text(json::member(after.get(), "m")), std::optional("true"s), *extended);
        expect_equal(json_object_size(after.get()), json_object_size(before.get()), *extended);
        const char* name;
        json_t* value;
        json_object_foreach(before.get(), name, value) {
            if (name != "m"sv) {
                expect(json_equal(value, json::member(after.get(), name)) == 1, *extended);
            }
        }
    }
}

// "keep what it says": replacing ours must not change what the application said beside it.
void numbers_beside_a_replaced_member_keep_their_digits(void**) {
    for (std::string_view number :
         {"12345678901234567890123", "0.1", "1.10", "1e2", "9007199254740993", "3.141592653589793238462643", "-0"}) {
        const std::string object = R"({"n":)" + std::string(number) + R"(,"m":false})";
        const auto extended = json::extend(object, "m", "true");
        expect(extended && extended->find(R"("n":)" + std::string(number)) != std::string::npos,
               object + " became " + extended.value_or("nothing"));
    }
}

void members_keep_their_order_when_one_is_replaced(void**) {
    expect_equal(json::extend(R"({"z":1,"m":false,"a":2})", "m", "true"), std::optional(R"({"z":1,"m":true,"a":2})"s),
                 "order");
}

void a_member_is_taken_out_and_the_rest_stays_byte_for_byte(void**) {
    static constexpr struct {
        std::string_view object, rest;
    } table[] = {
        {"{}", "{}"},
        {R"({"m":true})", "{}"},
        {R"({ "m" : true })", "{ }"},
        {R"({"m":true,"a":1})", R"({"a":1})"},
        {R"({"a":1,"m":true})", R"({"a":1})"},
        {R"({"a":1,"m":true,"b":2})", R"({"a":1,"b":2})"},
        {R"({"a":1.10,"m":{"x":[1,{"m":"}"}]},"b":"m"})", R"({"a":1.10,"b":"m"})"},
        {R"({"a":{"m":1},"n":"\"m\":1"})", R"({"a":{"m":1},"n":"\"m\":1"})"},
        {R"({"a":"m","m":"a"})", R"({"a":"m"})"},
        {R"({"a":":","\u006d":"x:y,}"})", R"({"a":":"})"},
        {R"({"M":1,"m":[],"mm":2})", R"({"M":1,"mm":2})"},
        {R"({"\\":1,"m":"\\","a\"":2})", R"({"\\":1,"a\"":2})"},
    };
    for (const auto& row : table) {
        const auto rest = json::without(row.object, "m");
        expect(rest && json::parse_object(*rest) != nullptr, row.object);
        expect_equal(rest, std::optional(std::string(row.rest)), row.object);
    }
    expect(!json::without("[1]", "m"), "no object");
}

// The walk over the text agrees with the parser, whatever the object looks like.
void what_is_replaced_or_taken_out_of_random_objects_is_just_that(void**) {
    static constexpr std::string_view values[] = {"1",
                                                  "-0.5e+3",
                                                  "true",
                                                  "null",
                                                  R"("")",
                                                  R"("}")",
                                                  R"("\"")",
                                                  R"("\\")",
                                                  R"("m\":1")",
                                                  "{}",
                                                  "[]",
                                                  R"([1, "]", {"m": [2]}])",
                                                  R"({"m":{"m":"{"}})",
                                                  "12345678901234567890"};
    static constexpr std::string_view names[] = {"a", "b", "mm", ":", "{", R"(\")", R"(m\")", ",m", R"(\\)", R"(m\\)"};
    static constexpr std::string_view spaces[] = {"", "", " ", "\n", "\t ", "\r\n"};
    Random random(11);
    const auto pick = [&](const auto& list) { return std::string(list[random.below(std::size(list))]); };
    for (int round = 0; round < 20'000; ++round) {
        std::string before = "{";
        const std::uint64_t members = random.below(5);
        const std::uint64_t ours = random.below(members + 1);
        for (std::uint64_t n = 0; n < members; ++n) {
            const std::string name = n == ours ? "m" : pick(names) + std::to_string(n);
            before += pick(spaces) + '"' + name + '"' + pick(spaces) + ":" + pick(spaces) + pick(values) + pick(spaces);
            before += n + 1 < members ? "," : "";
        }
        before += pick(spaces) + "}";
        const auto object = json::parse_object(before);
        expect(object != nullptr, before);

        const std::string replaced = json::extend(before, "m", "7").value();
        const auto after = json::parse_object(replaced);
        expect(after != nullptr, before + " became " + replaced);
        expect_equal(json::text(json::member(after.get(), "m")), std::optional("7"s), before + " became " + replaced);
        const std::string left = json::without(before, "m").value();
        const auto rest = json::parse_object(left);
        expect(rest != nullptr, before + " became " + left);
        json_object_del(object.get(), "m");
        json_object_del(after.get(), "m");
        expect(json_equal(object.get(), rest.get()) == 1, before + " became " + left);
        expect(json_equal(object.get(), after.get()) == 1, before + " became " + replaced);
    }
}

void what_is_no_json_object_is_left_alone(void**) {
    for (std::string_view text :
         {""sv, "null"sv, "[]"sv, "[{}]"sv, R"("{}")"sv, "{"sv, "}"sv, "{}{}"sv, "{}x"sv, R"({"a":1,})"sv,
          R"({"a":1,"a":2})"sv, "{\"a\":\"\xff\"}"sv, "{}\0"sv, "<p>{}</p>"sv}) {
        expect(!json::extend(text, "m", "true"), text);
    }
}

void names_are_quoted(void**) {
    expect_equal(json::extend("{}", "a\"b", "1"), std::optional(R"({"a\"b":1})"s), "a quote");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(what_is_there_stays_byte_for_byte),
        cmocka_unit_test(a_member_that_is_there_is_replaced_and_the_rest_means_the_same),
        cmocka_unit_test(numbers_beside_a_replaced_member_keep_their_digits),
        cmocka_unit_test(members_keep_their_order_when_one_is_replaced),
        cmocka_unit_test(a_member_is_taken_out_and_the_rest_stays_byte_for_byte),
        cmocka_unit_test(what_is_replaced_or_taken_out_of_random_objects_is_just_that),
        cmocka_unit_test(what_is_no_json_object_is_left_alone),
        cmocka_unit_test(names_are_quoted),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
