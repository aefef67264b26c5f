// User ids: integers and strings of the application, and nothing that merely looks like one.
#include "unit.hpp"

#include "core/identity/user_id.hpp"

namespace {

using namespace unit;
using auth_gate::UserId;
namespace json = auth_gate::json;

void integers_and_strings_are_ids(void**) {
    const std::string longest(255, 'x');
    const struct {
        std::string json;
        UserId::Kind kind;
        std::string text;
    } table[] = {
        {"1", UserId::Kind::integer, "1"},
        {"0", UserId::Kind::integer, "0"},
        {"-5", UserId::Kind::integer, "-5"},
        {"9223372036854775807", UserId::Kind::integer, "9223372036854775807"},
        {"-9223372036854775808", UserId::Kind::integer, "-9223372036854775808"},
        {R"("1")", UserId::Kind::text, "1"},
        {R"(" ")", UserId::Kind::text, " "},
        {R"("alice@example.org")", UserId::Kind::text, "alice@example.org"},
        {R"("\u00e4\"\n")", UserId::Kind::text, "ä\"\n"},
        {'"' + longest + '"', UserId::Kind::text, longest},
    };
    for (const auto& row : table) {
        const auto value = json::parse(row.json);
        const auto user = UserId::from_json(value.get());
        expect(user.has_value(), row.json);
        expect(user->kind == row.kind, row.json);
        expect_equal(user->text, row.text, row.json);

        const auto again = UserId::from_json(json::parse(user->to_json()).get());
        expect(again && again->kind == row.kind && again->text == row.text, "to_json of " + row.json);
    }
}

void anything_else_is_no_id(void**) {
    for (const std::string& text : {"1.0"s, "1e3"s, "0.5"s, R"("")"s, "true"s, "false"s, "null"s, "{}"s, "[1]"s,
                                    R"({"id":1})"s, "99999999999999999999"s, '"' + std::string(256, 'x') + '"'}) {
        expect(!UserId::from_json(json::parse(text).get()), text);
    }
    expect(!UserId::from_json(nullptr), "nothing");
}

void a_number_and_the_same_digits_as_text_stay_apart(void**) {
    expect_equal(UserId::from_json(json::parse("1").get())->to_json(), "1"sv, "the number");
    expect_equal(UserId::from_json(json::parse(R"("1")").get())->to_json(), R"("1")"sv, "the string");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(integers_and_strings_are_ids),
        cmocka_unit_test(anything_else_is_no_id),
        cmocka_unit_test(a_number_and_the_same_digits_as_text_stay_apart),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
