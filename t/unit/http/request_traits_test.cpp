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
        {"POST", "navigate", browser, "", false},
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
        {"POST", "", browser, "", false},
        {"GET", "", "*/*", "", false},
        {"GET", "", "application/json, text/plain, */*", "", false},
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
        cmocka_unit_test(a_preflight_is_options_with_both_headers),
        cmocka_unit_test(prefetches_are_recognised_by_their_purpose),
        cmocka_unit_test(only_page_loads_are_navigations),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
