// Preflights, prefetches and page navigations, recognised by headers.
#include "unit.hpp"

#include "core/http/request_traits.hpp"

namespace {

using namespace unit;
using namespace auth_gate;

void only_case_is_ignored(void**) {
    expect(equal_ignoring_case("", "") && equal_ignoring_case("aZ-09", "Az-09"), "equal");
    expect(!equal_ignoring_case("a", "ab") && !equal_ignoring_case("ab", "a"), "lengths");
    expect(!equal_ignoring_case("[", "{") && !equal_ignoring_case("@", "`"), "neighbours of the letters");
    expect(!equal_ignoring_case("\xc3\x84", "\xc3\xa4"), "letters outside ASCII");
    expect(!equal_ignoring_case("k", "\xe2\x84\xaa"), "the Kelvin sign");
}

void a_list_is_searched_by_whole_elements(void**) {
    static constexpr struct {
        std::string_view list;
        bool has;
    } table[] = {
        {"upgrade", true},
        {"Upgrade", true},
        {"keep-alive, Upgrade", true},
        {"Upgrade,keep-alive", true},
        {" \tUPGRADE\t , x", true},
        {",,upgrade,", true},
        {"", false},
        {",", false},
        {"upgrades", false},
        {"xupgrade", false},
        {"up grade", false},
        {"upgrade/1", false},
        {"upgrade;q=1", false},
        {"upgrade keep-alive", false},
        {"\"upgrade\"", false},
        {"upgrade\0"sv, false},
        {"upgrade\n", false},
    };
    for (const auto& row : table) {
        expect_equal(list_has(row.list, "upgrade"), row.has, row.list);
    }
}

void a_part_is_found_in_any_case(void**) {
    for (const std::string_view text : {"websocket"sv, "WebSocket/13"sv, "h2c, WEBSOCKET"sv}) {
        expect(contains_ignoring_case(text, "websocket"), text);
    }
    for (const std::string_view text : {""sv, "websocke"sv, "web socket"sv, "h2c"sv}) {
        expect(!contains_ignoring_case(text, "websocket"), text);
    }
}

void json_is_declared_by_a_type_that_no_form_has(void**) {
    static constexpr struct {
        std::string_view type;
        bool json;
    } table[] = {
        {"application/json", true},
        {" Application/JSON ;charset=utf-8", true},
        {"application/vnd.api+json", true},
        {"application/problem+JSON; a=b", true},
        {"", false},
        {"json", false},
        {"text/json", false},
        {"text/plain", false},
        {"text/plain; application/json", false},
        {"text/plain, application/json", false},
        {"application/json, text/plain", false},
        {"application/jsonp", false},
        {"application/", false},
        {"application/+json", false},
        {"application/x, text/plain+json", false},
        {"application/x-www-form-urlencoded", false},
        {"multipart/form-data; boundary=+json", false},
        {",", false},
    };
    for (const auto& row : table) {
        expect_equal(is_json_type(row.type), row.json, row.type);
    }
}

void a_preflight_is_options_with_both_headers(void**) {
    expect(is_preflight("OPTIONS", "https://a", "GET"), "a preflight");
    expect(!is_preflight("OPTIONS", "", "GET"), "no Origin");
    expect(!is_preflight("OPTIONS", "https://a", ""), "no Access-Control-Request-Method");
    expect(!is_preflight("OPTIONS", "", ""), "neither");
    for (std::string_view method : {"GET", "POST", "options", "OPTIONSX", ""}) {
        expect(!is_preflight(method, "https://a", "GET"), method);
    }
}

void prefetches_are_recognised_by_their_purpose(void**) {
    static constexpr struct {
        std::string_view purpose;
        bool prefetch;
    } table[] = {
        {"prefetch", true},
        {"Prefetch", true},
        {"prefetch;prerender", true},
        {"prefetch; anonymous-client-ip", true},
        {"prefetch;anonymous-client-ip, x", true},
        {"x, prefetch", true},
        {" prefetch ", true},
        {"prerender", true},
        {"preview", true},
        {"", false},
        {"fetch", false},
        {"prefetched", false},
        {"x;prefetch", false},
        {"pre fetch", false},
    };
    for (const auto& row : table) {
        expect_equal(is_prefetch_purpose(row.purpose), row.prefetch, row.purpose);
    }
}

void only_page_loads_are_navigations(void**) {
    constexpr std::string_view browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    static constexpr struct {
        std::string_view method, mode, accept, with;
        bool navigation;
    } table[] = {
        {"GET", "navigate", browser, "", true},
        {"HEAD", "navigate", browser, "", true},
        {"GET", "Navigate", "", "", true},
        {"POST", "navigate", browser, "", true},
        {"POST", "cors", browser, "", false},
        {"POST", "", "*/*", "", false},
        {"POST", "", browser, "XMLHttpRequest", false},
        {"PUT", "navigate", browser, "", false},
        {"get", "navigate", browser, "", false},
        {"GET", "cors", browser, "", false},
        {"GET", "same-origin", browser, "", false},
        {"GET", "no-cors", "image/avif,*/*", "", false},
        {"GET", "websocket", browser, "", false},
        {"GET", "nested-navigate", browser, "", false},
        // Without Fetch Metadata: decided by Accept.
        {"GET", "", browser, "", true},
        {"HEAD", "", browser, "", true},
        {"GET", "", "text/html", "", true},
        {"GET", "", "TEXT/HTML;q=0.9", "", true},
        {"GET", "", "application/xhtml+xml", "", true},
        {"GET", "", browser, "XMLHttpRequest", false},
        {"POST", "", browser, "", true},
        {"DELETE", "", browser, "", false},
        {"GET", "", "*/*", "", false},
        {"GET", "", "application/json, text/plain, */*", "", false},
        {"GET", "", "text/html;q=0.5, application/json", "", false},
        {"GET", "", "application/json, text/html", "", false},
        {"GET", "", "application/json;q=0.5, text/html", "", true},
        {"GET", "", "text/*", "", false},
        {"GET", "", "text/htmlx", "", false},
        {"GET", "", "", "", false},
    };
    for (const auto& row : table) {
        expect_equal(is_page_navigation(row.method, row.mode, row.accept, row.with), row.navigation,
                     std::string(row.method) + ' ' + std::string(row.mode) + ' ' + std::string(row.accept));
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(only_case_is_ignored),
        cmocka_unit_test(a_list_is_searched_by_whole_elements),
        cmocka_unit_test(a_part_is_found_in_any_case),
        cmocka_unit_test(json_is_declared_by_a_type_that_no_form_has),
        cmocka_unit_test(a_preflight_is_options_with_both_headers),
        cmocka_unit_test(prefetches_are_recognised_by_their_purpose),
        cmocka_unit_test(only_page_loads_are_navigations),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
