// Claims: what is flat and kept as text, what is a tree, and what neither is.
#include "core/json/claims.hpp"

#include <utility>

#include "unit.hpp"

using namespace auth_gate;
using namespace unit;

namespace {

constexpr std::size_t overhead = 4;    // of a flat object, in bytes
constexpr std::size_t per_member = 4;  // and for each of its members

std::string object_of(std::size_t members) {
    std::string text = "{";
    for (std::size_t i = 0; i < members; ++i) {
        text += (i == 0 ? "\"m" : ",\"m") + std::to_string(i) + "\":" + std::to_string(i);
    }
    return text + "}";
}

void what_is_flat_is_kept_as_text(void**) {
    const struct {
        std::string text;
        std::size_t members;
    } table[] = {
        {"{}", 0},
        {" { } ", 0},
        {R"({"id":1,"iat":1699999000,"exp":1700003600})", 3},
        {R"({ "a" : "x" , "b" : [ 1 , "y" , true , null ] , "c" : [ ] })", 3},
        {R"({"":-1,"a":999999999999999999})", 2},
        {object_of(24), 24},
    };
    for (const auto& row : table) {
        const json::Claims claims = json::Claims::parse_object(row.text);
        expect(static_cast<bool>(claims), row.text);
        expect_equal(claims.bytes(), overhead + row.members * per_member + row.text.size(), row.text);
    }
}

void anything_else_is_left_to_jansson(void**) {
    const std::string table[] = {
        R"({"a":"\n"})",
        R"({"\u0061":1})",
        R"({"a":"ü"})",
        R"({"a":1.5})",
        R"({"a":1e3})",
        R"({"a":-0})",
        R"({"a":9999999999999999999})",
        R"({"a":{}})",
        R"({"a":[[]]})",
        object_of(25),
        "{\"" + std::string(256, 'n') + "\":1}",
        "{\"a\"" + std::string(256, ' ') + ":1}",
        "{\"a\":\"" + std::string(70'000, 'x') + "\"}",
    };
    for (const std::string& text : table) {
        const json::Claims claims = json::Claims::parse_object(text);
        expect(static_cast<bool>(claims), text);
        expect(claims.bytes() > text.size() + 200, text);
    }
}

void names_are_as_long_as_anywhere(void**) {
    for (const std::size_t size : {127u, 128u, 255u, 256u}) {
        const std::string name(size, 'n');
        const json::Claims claims = json::Claims::parse_object("{\"" + name + "\" : 1 }");
        expect(static_cast<bool>(claims), name);
        expect_equal(static_cast<bool>(claims.member(name)), size <= json::longest_name, name);
        expect_equal(claims.member_ignoring_case(name).text().value_or(""), "1"sv, name);
    }
}

void what_is_no_object_is_refused(void**) {
    for (const std::string& text : {""s,
                                    " "s,
                                    "{"s,
                                    "}"s,
                                    "[]"s,
                                    "1"s,
                                    "\"a\""s,
                                    "null"s,
                                    R"({"a":1,"a":2})"s,
                                    R"({"a":1,"\u0061":2})"s,
                                    R"({"a":1} x)"s,
                                    R"({"a":1,})"s,
                                    R"({,"a":1})"s,
                                    R"({"a" 1})"s,
                                    R"({"a":})"s,
                                    R"({a:1})"s,
                                    R"({"a":01})"s,
                                    R"({"a":-})"s,
                                    R"({"a":+1})"s,
                                    R"({"a":tru})"s,
                                    R"({"a":truex})"s,
                                    R"({"a":[1,]})"s,
                                    R"({"a":[1)"s,
                                    R"({"a":"x)"s,
                                    R"({'a':1})"s,
                                    "{\"a\":\"\xff\"}"s,
                                    "{\"a\":\"\x1f\"}"s,
                                    "{\"a\":\"\0\"}"s,
                                    "{}\0"s}) {
        expect(!json::Claims::parse_object(text), text);
    }
}

void values_are_read(void**) {
    static constexpr struct {
        std::string_view value;
        std::optional<std::string_view> text, string;
        std::optional<std::int64_t> integer;
    } table[] = {
        {R"("x y")", "x y", "x y", std::nullopt},
        {R"("")", "", "", std::nullopt},
        {"0", "0", std::nullopt, 0},
        {"-12", "-12", std::nullopt, -12},
        {"true", "true", std::nullopt, std::nullopt},
        {"false", "false", std::nullopt, std::nullopt},
        {"null", std::nullopt, std::nullopt, std::nullopt},
        {R"([ 1, "]" ])", R"([1,"]"])", std::nullopt, std::nullopt},
        {R"({"b":[ 1 ]})", R"({"b":[1]})", std::nullopt, std::nullopt},
        {"-9223372036854775808", "-9223372036854775808", std::nullopt, std::numeric_limits<std::int64_t>::min()},
    };
    for (const auto& row : table) {
        const json::Claims claims = json::Claims::parse_object("{\"a\":" + std::string(row.value) + " ,\"z\":1}");
        const json::Claim claim = claims.member("a");
        expect(static_cast<bool>(claim), row.value);
        expect(claim.text() == row.text, row.value);
        expect(claim.string() == row.string, row.value);
        expect(claim.integer() == row.integer, row.value);
        expect_equal(claim.is_integer(), row.integer.has_value(), row.value);
        expect_equal(claim.is_true(), row.value == "true", row.value);
        expect_equal(claim.is_null(), row.value == "null", row.value);
    }
    expect(!json::Claim().text() && !json::Claim().string() && !json::Claim().number(), "none has no value");
}

void members_are_found(void**) {
    const json::Claims claims = json::Claims::parse_object(R"({"Role":"a","id":1,"ID":2,"aa":3,"n":null})");
    static constexpr struct {
        std::string_view name;
        std::optional<std::string_view> exact, any_case;
    } table[] = {
        {"Role", "a", "a"},
        {"role", std::nullopt, "a"},
        {"id", "1", "1"},
        {"ID", "2", "2"},
        {"Id", std::nullopt, std::nullopt},
        {"a", std::nullopt, std::nullopt},
        {"aaa", std::nullopt, std::nullopt},
        {"", std::nullopt, std::nullopt},
        {R"(Role":"a","id)", std::nullopt, std::nullopt},
    };
    for (const auto& row : table) {
        expect(claims.member(row.name).text() == row.exact, row.name);
        expect(claims.member_ignoring_case(row.name).text() == row.any_case, row.name);
    }
    expect(static_cast<bool>(claims.member("n")), "null is a value");
    expect(!json::Claims().member("a") && !json::Claims().member_ignoring_case("a"), "no claims");
}

void they_can_be_moved(void**) {
    json::Claims claims = json::Claims::parse_object(R"({"a":1})");
    json::Claims other = std::move(claims);
    expect_equal(other.member("a").integer().value_or(0), 1, "moved");
    other = json::Claims::parse_object(R"({"b":{}})");
    expect_equal(other.member("b").text().value_or(""), "{}"sv, "assigned");
    expect(!other.member("a"), "nothing of the old ones");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(what_is_flat_is_kept_as_text),
        cmocka_unit_test(anything_else_is_left_to_jansson),
        cmocka_unit_test(what_is_no_object_is_refused),
        cmocka_unit_test(values_are_read),
        cmocka_unit_test(members_are_found),
        cmocka_unit_test(they_can_be_moved),
        cmocka_unit_test(names_are_as_long_as_anywhere),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
