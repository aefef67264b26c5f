// Paths that lead into a JSON document, and into claims.
#include "unit.hpp"

#include "core/json/path.hpp"

namespace {

using namespace unit;
using auth_gate::at_path;
using auth_gate::is_path;
namespace json = auth_gate::json;

struct Row {
    std::string_view path, value;
};

void expect_values(std::string_view text, std::initializer_list<Row> rows) {
    const auto document = json::parse(text);
    const auto claims = json::Claims::parse_object(text);
    for (const Row& row : rows) {
        expect_equal(json::text(at_path(document.get(), row.path)).value_or(""), row.value, row.path);
        if (claims) {
            expect_equal(at_path(claims, row.path).text().value_or(""), row.value, "claims: " + std::string(row.path));
        }
    }
}

void a_path_leads_through_objects_by_name(void**) {
    expect_values(R"({"a":{"b":{"c":1}},"":{"":3},"n":null,"s":"text"})", {{"a.b.c", "1"},
                                                                           {"a.b", R"({"c":1})"},
                                                                           {".", "3"},
                                                                           {"s", "text"},
                                                                           {"a.c", ""},
                                                                           {"a.b.c.d", ""},
                                                                           {"s.x", ""},
                                                                           {"n.x", ""},
                                                                           {"a.", ""},
                                                                           {".a", ""},
                                                                           {"missing", ""},
                                                                           {"A", ""}});
    expect(at_path(nullptr, "a") == nullptr, "no document");
}

void the_longest_name_goes_first(void**) {
    expect_values(R"({"x.y":2,"x":{"y":3,"z":4,"v.w":5},"app.example":{"role":"r"},"app":{"example":{"id":6}}})",
                  {{"x.y", "2"},
                   {"x.z", "4"},
                   {"x.v.w", "5"},
                   {"app.example.role", "r"},
                   {"app.example.id", ""},
                   {"https://example.com/roles", ""}});
    expect_values(R"({"https://example.com/roles":"a","https://example.com/app":"b","x.y":null})",
                  {{"https://example.com/roles", "a"}, {"https://example.com/app", "b"}, {"x.y", ""}});
}

void a_number_is_an_index_of_an_array(void**) {
    const std::initializer_list<Row> rows = {
        {"l.0", "a"},    {"l.1", "]"},  {"l.2", "7"}, {"l.3", "x,\" y"}, {"l.4", ""},
        {"l.01", ""},    {"l.-1", ""},  {"l.+1", ""}, {"l.", ""},        {"l.1x", ""},
        {"l.0.0", ""},   {"l.a", ""},   {"e.0", ""},  {"s.0", ""},       {"l.99999999999999999999999", ""},
        {"w.0", "true"}, {"w.1", "-5"}, {"w.2", ""}};
    expect_values(R"({"l":["a","]",7,"x,\" y"],"e":[ ],"s":"text","w":[ true , -5 ]})", rows);
    // Without an escape the same is flat.
    expect_values(R"({"l":["a", "]" ,7,"x, y"],"e":[],"e2":[ ],"s":"text","w":[ true , -5 ]})", {{"l.0", "a"},
                                                                                                 {"l.1", "]"},
                                                                                                 {"l.2", "7"},
                                                                                                 {"l.3", "x, y"},
                                                                                                 {"l.4", ""},
                                                                                                 {"l.01", ""},
                                                                                                 {"l.0.0", ""},
                                                                                                 {"e.0", ""},
                                                                                                 {"e2.0", ""},
                                                                                                 {"s.0", ""},
                                                                                                 {"w.0", "true"},
                                                                                                 {"w.1", "-5"},
                                                                                                 {"w.2", ""}});
    expect_values(R"([{"id":5},{"id":[[6]]}])", {{"0.id", "5"}, {"1.id.0.0", "6"}, {"2.id", ""}, {"id", ""}});
    expect_values(R"({"0":{"1":"a member"}})", {{"0.1", "a member"}});
}

void a_path_is_names_joined_by_single_dots(void**) {
    for (std::string_view path : {"a"sv, "a.b"sv, "0.id"sv, "https://example.com/roles"sv, "a b"sv}) {
        expect(is_path(path), path);
    }
    for (std::string_view path : {""sv, "."sv, ".a"sv, "a."sv, "a..b"sv, "a.b.."sv}) {
        expect(!is_path(path), path);
    }
    expect(is_path(std::string(json::longest_name, 'n') + ".n"), "names that can be found");
    expect(!is_path("n." + std::string(json::longest_name + 1, 'n')), "a name that is never found");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_path_leads_through_objects_by_name),
        cmocka_unit_test(the_longest_name_goes_first),
        cmocka_unit_test(a_number_is_an_index_of_an_array),
        cmocka_unit_test(a_path_is_names_joined_by_single_dots),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
