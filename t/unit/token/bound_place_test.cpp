// Which paths are the same to a token that is bound to one.
#include "core/token/bound_place.hpp"

#include "unit.hpp"

#include <algorithm>

namespace {

using namespace auth_gate;
using namespace unit;

std::string form(std::string_view path) {
    return place::form_of(path).value_or("none");
}

void spellings_of_one_path_have_one_form(void**) {
    const struct {
        std::string_view path;
        std::string_view form;
    } rows[] = {
        {"/", "/"},
        {"/api/trips/1", "/api/trips/1"},
        {"//api///trips/1", "/api/trips/1"},
        {"/api/./trips/x/../1", "/api/trips/1"},
        {"/api/%2e/trips/x/%2E%2e/1", "/api/trips/1"},
        {"/%61pi/trips/%31", "/api/trips/1"},
        {"/a//../b", "/b"},
        {"/../b", "/b"},
        {"/a/..", "/"},
        {"/a/b/..", "/a/"},
        {"/a/b/.", "/a/b/"},
        {"/caf%c3%a9", "/caf\xc3\xa9"},
        {"/caf%C3%A9", "/caf\xc3\xa9"},
        {"/caf\xc3\xa9", "/caf\xc3\xa9"},
        {"/a%20b", "/a b"},
        {"/a%3Fb%23c", "/a?b#c"},
        {"/100%25", "/100%"},
        {"/%2561", "/%61"},
        {"/...", "/..."},
    };
    for (const auto& row : rows) {
        expect_equal(form(row.path), row.form, row.path);
    }
}

void different_paths_have_different_forms(void**) {
    const std::string_view paths[] = {
        "/a/b", "/a/b/", "/A/b", "/a%2Fb", "/a%252Fb", "/a%252fb", "/a%5Cb", "/ab", "/a%2F%2Fb", "/a%2F..%2Fb", "/b",
    };
    for (const std::string_view a : paths) {
        for (const std::string_view b : paths) {
            if (a != b) {
                expect(form(a) != form(b), std::string(a) + " and " + std::string(b));
            }
        }
    }
    expect_equal(form("/a%2fb"), form("/a%2Fb"), "the case of an escape");
}

void what_no_request_has_is_no_path(void**) {
    using namespace std::string_literals;
    const std::string long_path = "/" + std::string(place::longest_path - 1, 'a');
    expect(place::form_of(long_path).has_value(), "the longest");
    for (const std::string& path : {""s,         "a"s,      "api/trips"s, "https://a.example/a"s,
                                    "/a?b=c"s,   "/a?"s,    "/a#b"s,      "/a\nb"s,
                                    "/a\0b"s,    "/a\x7f"s, "/a%0ab"s,    "/a%00b"s,
                                    "/a%7f"s,    "/a%"s,    "/a%2"s,      "/a%zz"s,
                                    "/a%u0061"s, " /a"s,    "*"s,         long_path + "a"}) {
        expect(!place::form_of(path).has_value(), path);
    }
}

bool is_good_at(std::string_view bound, std::string_view sent, std::string_view canonical, bool as_sent = false) {
    const auto forms = place::forms_of_request(sent, canonical, as_sent);
    return std::find(forms.begin(), forms.end(), place::form_of(bound)) != forms.end();
}

void what_nginx_reads_decides(void**) {
    const struct {
        std::string_view bound;
        std::string_view sent;
        std::string_view canonical;
        bool good;
    } rows[] = {
        {"/a/b", "/a/b", "/a/b", true},
        {"/a/b", "/a/b/", "/a/b/", false},
        {"/a/b", "/a//b", "/a/b", true},
        {"/a/b", "/x/../a/b", "/a/b", true},
        {"/a/b", "/a/b/../c", "/a/c", false},
        {"/a/c", "/a/b/../c", "/a/c", true},
        {"/a/b", "/%61/b", "/a/b", true},
        {"/a/b", "/a%2Fb", "/a/b", true},
        {"/a%2Fb", "/a%2Fb", "/a/b", true},
        {"/a%2Fb", "/a/b", "/a/b", false},
        {"/a%2Fb/c", "/a/b%2Fc", "/a/b/c", false},
        {"/a%2F..%2Fb", "/a%2F..%2Fb", "/b", false},
        {"/b", "/a%2F..%2Fb", "/b", true},
        {"/a/b", "/a/b#c", "/a/b", true},
        {"/a/b%23c", "/a/b#c", "/a/b", false},
        {"/api/x", "/API/X", "/api/x", true},
        {"/API/X", "/API/X", "/api/x", true},
        {"/API/X", "/api/x", "/api/x", false},
        // With merge_slashes off.
        {"/a/b", "/a//../b", "/a/b", true},
        {"/b", "/a//../b", "/a/b", false},
    };
    for (const auto& row : rows) {
        const std::string title = std::string(row.bound) + " at " + std::string(row.sent);
        expect_equal(is_good_at(row.bound, row.sent, row.canonical), row.good, title);
    }
}

void what_was_sent_decides_where_the_application_gets_it(void**) {
    const struct {
        std::string_view bound;
        std::string_view sent;
        std::string_view canonical;
        bool good;
    } rows[] = {
        {"/a/b", "/a/b", "/a/b", true},
        {"/a%2Fb", "/a%2Fb", "/a/b", true},
        {"/a%2Fb", "/a%2fb", "/a/b", true},
        {"/a/b", "/a%2Fb", "/a/b", false},
        {"/a%2Fb", "/a/b", "/a/b", false},
        {"/a%2Fb/c", "/a/b%2Fc", "/a/b/c", false},
        {"/a/https://b", "/a/https://b", "/a/https:/b", true},
        {"/a;b", "/a;b", "/a;b", true},
        {"/a/b", "/x/../a/b", "/a/b", false},
        {"/a/b", "/x/%2e%2e/a/b", "/a/b", false},
        {"/a/b", "/a/./b", "/a/b", false},
        {"/a/b", "/a/b#c", "/a/b", false},
        {"/a/b%23c", "/a/b#c", "/a/b", false},
        {"/api/x", "/API/X", "/api/x", false},
        {"/API/X", "/API/X", "/api/x", true},
    };
    for (const auto& row : rows) {
        const std::string title = std::string(row.bound) + " at " + std::string(row.sent);
        expect_equal(is_good_at(row.bound, row.sent, row.canonical, true), row.good, title);
    }
}

void a_method_is_a_name_in_capitals(void**) {
    for (const std::string_view good : {"GET", "POST", "OPTIONS", "M-SEARCH"}) {
        expect(place::is_method(good), good);
    }
    for (const std::string_view bad :
         {"", "get", "HEAD", "GET ", "G/T", "GET\n", "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG"}) {
        expect(!place::is_method(bad), bad);
    }
}

void head_stands_where_get_does(void**) {
    expect_equal(place::text_of("HEAD", "/a"), place::text_of("GET", "/a"), "HEAD");
    expect(place::text_of("POST", "/a") != place::text_of("GET", "/a"), "POST");
    expect(place::text_of("GE", "T/a") != place::text_of("GET", "/a"), "the end of the method shows");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(spellings_of_one_path_have_one_form),
        cmocka_unit_test(different_paths_have_different_forms),
        cmocka_unit_test(what_no_request_has_is_no_path),
        cmocka_unit_test(what_nginx_reads_decides),
        cmocka_unit_test(what_was_sent_decides_where_the_application_gets_it),
        cmocka_unit_test(a_method_is_a_name_in_capitals),
        cmocka_unit_test(head_stands_where_get_does),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
