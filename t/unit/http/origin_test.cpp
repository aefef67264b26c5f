// Whose pages may use a session that browsers send by themselves.
#include "unit.hpp"

#include "core/http/origin.hpp"

namespace {

using namespace unit;
using namespace auth_gate;

void only_an_origin_can_be_listed(void**) {
    for (const std::string_view text :
         {"https://a", "http://a.example:8080", "capacitor://localhost", "HTTPS://A_b-c.d", "https://[::1]:8443",
          "moz-extension://0f-1", "https://a:443"}) {
        expect(OriginRule().add(text), text);
    }
    for (const std::string_view text : {"",
                                        "null",
                                        "*",
                                        "a",
                                        "a:1",
                                        "://a",
                                        "1://a",
                                        "https:/a",
                                        "https://",
                                        "https://a/",
                                        "https://a/b",
                                        "https://a?b",
                                        "https://a#b",
                                        "https://u@a",
                                        "https://*.a",
                                        "https://a b",
                                        " https://a",
                                        "https://a ",
                                        "https://a,https://b",
                                        "https://a:",
                                        "https://a:0",
                                        "https://a:65536",
                                        "https://a:x",
                                        "https://a:1x",
                                        "https://a:+1",
                                        "https://a:1:2",
                                        "https://[::1",
                                        "https://::1",
                                        "https://[]",
                                        "https://[::1]x",
                                        "ws://a",
                                        "wss://a",
                                        "https://\xc3\xa4"}) {
        expect(!OriginRule().add(text), text);
    }
}

void a_page_is_judged_by_its_origin(void**) {
    OriginRule own;
    OriginRule listing;
    OriginRule any;
    expect(listing.add("https://App.example:443") && listing.add("capacitor://localhost"), "listed");
    any.add_any();
    static constexpr struct {
        Page page;
        bool own, listed;
    } table[] = {
        {{"https://app.example", "", "app.example", true}, true, true},
        {{"https://app.example", "", "app.example", false}, true, true},
        {{"http://app.example", "", "app.example", false}, true, true},
        {{"http://app.example", "", "app.example", true}, false, false},
        {{"https://app.example", "", "APP.example:443", true}, true, true},
        {{"https://app.example:443", "", "app.example", true}, true, true},
        {{"http://app.example", "", "app.example:80", false}, true, true},
        {{"https://app.example", "", "app.example:80", false}, false, true},
        {{"https://app.example", "", "backend:8080", false}, false, true},
        {{"https://app.example:8443", "", "app.example:8443", true}, true, true},
        {{"https://app.example:8443", "", "app.example", true}, false, false},
        {{"https://[::1]:8443", "", "[::1]:8443", true}, true, true},
        {{"capacitor://localhost", "", "localhost", false}, false, true},
        {{"https://evil.example", "same-origin", "app.example", true}, false, false},
        {{"https://app.example", "cross-site", "app.example", true}, true, true},
        {{"null", "same-origin", "app.example", true}, false, false},
        {{",", "same-origin", ",", true}, false, false},
        {{"https://app.example", "", "", true}, false, true},
        {{"", "same-origin", "app.example", true}, true, true},
        {{"", "same-site", "app.example", true}, false, false},
        {{"", "cross-site", "app.example", true}, false, false},
        {{"", "none", "app.example", true}, false, false},
        {{"", "Same-Origin", "app.example", true}, false, false},
        {{"", "", "app.example", true}, false, false},
    };
    for (const auto& row : table) {
        const std::string what = std::string(row.page.origin) + " " + std::string(row.page.fetch_site) + " at " +
                                 std::string(row.page.host) + (row.page.tls ? " over TLS" : "");
        expect_equal(own.admits(row.page), row.own, what);
        expect_equal(listing.admits(row.page), row.listed, what);
        expect(any.admits(row.page), what);
    }
}

void what_is_listed_is_found_whatever_the_host(void**) {
    OriginRule rule;
    expect(!rule.lists_some() && !rule.lists("https://app.example"), "nothing");
    expect(rule.add("https://App.example:443") && rule.add("http://localhost:5173"), "two");
    expect(rule.lists_some(), "some");
    for (const std::string_view origin : {"https://app.example", "https://APP.example:443", "http://localhost:5173"}) {
        expect(rule.lists(origin), origin);
    }
    for (const std::string_view origin :
         {"", "null", "*", "http://app.example", "https://app.example/", "https://app.example.evil.example",
          "https://x.app.example", "https://app.example:8443", "http://localhost",
          "https://app.example https://b.example"}) {
        expect(!rule.lists(origin), origin);
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(only_an_origin_can_be_listed),
        cmocka_unit_test(a_page_is_judged_by_its_origin),
        cmocka_unit_test(what_is_listed_is_found_whatever_the_host),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
