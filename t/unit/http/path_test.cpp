// Paths: those that two servers may interpret differently, and the lists of public paths.
#include "unit.hpp"

#include "core/http/path.hpp"
#include "core/http/query.hpp"

namespace {

using namespace unit;
namespace path = auth_gate::path;

void paths_that_another_server_may_read_differently_are_ambiguous(void**) {
    static constexpr struct {
        std::string_view raw, decoded;
        bool ambiguous;
    } table[] = {
        {"/", "/", false},
        {"/api/trips", "/api/trips", false},
        {"/API/../api//x/%2e", "/api/x/", false},
        {"/a%20b/%c3%a4", "/a b/ä", false},
        {"/a;b", "/a;b", true},
        {"/a;/../x", "/x", true},
        {"/;/x", "/;/x", true},
        {"/a%3bb", "/a;b", false},
        {"/a%3Bb/c", "/a;b/c", true},
        {"/%3b/", "/;/", true},
        {"/a%3b%2fb", "/a;/b", true},
        {"/a/b%3b", "/a/b;", false},
        {"/a\\b", "/a\\b", true},
        {"/a%5cb", "/a\\b", true},
        {"/a%5C..%5Cb", "/a\\..\\b", true},
        {"/a%00b", "/a\0b"sv, true},
        {"/a%0ab", "/a\nb", true},
        {"/a%0d%0ab", "/a\r\nb", true},
        {"/a%09b", "/a\tb", true},
        {"/a%1fb",
         "/a\x1f"
         "b",
         true},
        {"/a%7fb",
         "/a\x7f"
         "b",
         true},
        {"/a%80%ff", "/a\x80\xff", false},
        {"/a%25", "/a%", false},
        {"/a%3f%23", "/a?#", false},
    };
    for (const auto& row : table) {
        expect_equal(path::is_ambiguous(row.raw, row.decoded), row.ambiguous, row.raw);
    }
}

void only_canonical_paths_read_as_their_decoded_form(void**) {
    static constexpr struct {
        std::string_view raw, decoded;
        bool same;
    } table[] = {
        {"/", "/", true},
        {"/api/trips", "/api/trips", true},
        {"/API/Trips", "/API/Trips", true},
        {"/a%20b", "/a b", true},
        {"/a%c3%a4", "/aä", true},
        {"/a%25b", "/a%b", true},
        {"/a%2525", "/a%25", true},
        {"/a%3fb", "/a?b", true},
        {"/a%3Fb", "/a?b", true},
        {"/a%3bb", "/a;b", true},
        {"/a+b", "/a+b", true},
        {"/api/", "/api/", true},
        // Resolved by nginx, and perhaps not by the application.
        {"/api/./trips", "/api/trips", false},
        {"/x/../api", "/api", false},
        {"/api//trips", "/api/trips", false},
        {"//api", "/api", false},
        {"/api/..", "/", false},
        {"/api%2ftrips", "/api/trips", false},
        {"/api%2Ftrips", "/api/trips", false},
        {"/a%2f", "/a/", false},
        // Needless escapes, which some servers never decode.
        {"/%61pi", "/api", false},
        {"/api%2e", "/api.", false},
        {"/%41", "/A", false},
        {"/%7e", "/~", false},
        {"/%2d%5f", "/-_", false},
        {"/%30", "/0", false},
        // Broken escapes.
        {"/a%", "/a%", false},
        {"/a%2", "/a%2", false},
        {"/a%zz", "/a%zz", false},
        {"/a%%20", "/a% ", false},
        // Another path altogether.
        {"/a", "/b", false},
        {"/A", "/a", false},
        {"http://a/api", "/api", false},
    };
    for (const auto& row : table) {
        expect_equal(path::reads_as(row.raw, row.decoded), row.same, row.raw);
    }
}

void an_escaped_path_decodes_to_itself_and_reads_as_it(void**) {
    const auto round_trip = [](std::string_view decoded) {
        const std::string escaped = path::escape(decoded);
        expect_equal(auth_gate::query::decode(escaped), decoded, escaped);
        expect(path::reads_as(escaped, decoded), escaped);
        expect(escaped.find_first_of("?#;\\ \t\r\n\"<>") == std::string::npos, escaped);
        for (char c : escaped) {
            expect(static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) < 0x7f, escaped);
        }
    };
    for (int byte = 0; byte < 256; ++byte) {
        round_trip("/a" + std::string(1, static_cast<char>(byte)) + "b");
    }
    Random random(3);
    for (int round = 0; round < 5000; ++round) {
        std::string decoded = "/";
        for (std::uint64_t n = random.below(30); n != 0; --n) {
            decoded += static_cast<char>(random.below(256));
        }
        round_trip(decoded);
    }
    expect_equal(path::escape("/a b;%?"), "/a%20b%3B%25%3F"sv, "to the letter");
    expect_equal(path::escape("/api/trips/1:a@b,c(d)"), "/api/trips/1:a@b,c(d)"sv, "nothing that needs none");
}

void only_paths_that_can_match_become_rules(void**) {
    path::Rules rules;
    for (std::string_view text : {"", "api", "*", "/a*b", "/*/b", "/a**", "https://a/", " /a", "~ /a"}) {
        expect(!rules.add("GET", text), text);
    }
    expect(rules.empty(), "none was kept");
    expect(!rules.match("GET", "/a"), "and none matches");
    for (std::string_view text : {"/", "/*", "/a", "/a/", "/a/*", "/a*"}) {
        expect(rules.add("GET", text), text);
    }
    expect(!rules.empty(), "six are");
}

void rules_match_by_method_and_by_path_in_any_form(void**) {
    static constexpr struct {
        std::string_view rule_method, rule_path, method, path;
        bool match;
    } table[] = {
        {"GET", "/api/health", "GET", "/api/health", true},
        {"GET", "/api/health", "HEAD", "/api/health", true},
        {"GET", "/api/health", "POST", "/api/health", false},
        {"GET", "/api/health", "OPTIONS", "/api/health", false},
        {"GET", "/api/health", "get", "/api/health", false},
        {"GET", "/api/health", "GETX", "/api/health", false},
        {"GET", "/api/health", "", "/api/health", false},
        {"HEAD", "/api/health", "GET", "/api/health", false},
        {"POST", "/api/auth/login", "POST", "/api/auth/login", true},
        {"POST", "/api/auth/login", "HEAD", "/api/auth/login", false},
        {"POST", "/api/auth/login", "GET", "/api/auth/login", false},
        {"*", "/x", "GET", "/x", true},
        {"*", "/x", "DELETE", "/x", true},
        {"*", "/x", "", "/x", true},
        // Exact paths.
        {"GET", "/api/health", "GET", "/API/Health", true},
        {"GET", "/API/Health", "GET", "/api/health", true},
        {"GET", "/api/health", "GET", "/api/health/", true},
        {"GET", "/api/health/", "GET", "/api/health", true},
        {"GET", "/api/health", "GET", "//api///health//", true},
        {"GET", "//api//health//", "GET", "/api/health", true},
        {"GET", "/api/health", "GET", "/api/healthy", false},
        {"GET", "/api/health", "GET", "/api/healt", false},
        {"GET", "/api/health", "GET", "/api/health/x", false},
        {"GET", "/api/health", "GET", "/x/api/health", false},
        {"GET", "/api/health", "GET", "/api/health ", false},
        {"GET", "/api/health", "GET", "/api/health\0"sv, false},
        {"GET", "/api/health", "GET", "/api/health;x", false},
        {"GET", "/api/health", "GET", "/api/health?x", false},
        {"GET", "/api/health", "GET", "", false},
        {"GET", "/api/health", "GET", "/", false},
        {"GET", "/", "GET", "/", true},
        {"GET", "/", "GET", "//", true},
        {"GET", "/", "GET", "/x", false},
        {"GET", "/\xc3\x84", "GET", "/\xc3\xa4", false},  // only ASCII letters have two cases
        {"GET", "/[", "GET", "/{", false},
        {"GET", "/@", "GET", "/`", false},
        // Prefixes.
        {"GET", "/api/auth/invite/*", "GET", "/api/auth/invite/abc", true},
        {"GET", "/api/auth/invite/*", "GET", "/API/auth//INVITE/abc/d", true},
        {"GET", "/api/auth/invite/*", "GET", "/api/auth/invite/", true},
        {"GET", "/api/auth/invite/*", "GET", "/api/auth/invite", false},
        {"GET", "/api/auth/invite/*", "GET", "/api/auth/invited", false},
        {"GET", "/api/auth/invite/*", "POST", "/api/auth/invite/abc", false},
        {"GET", "/api/auth/inv*", "GET", "/api/auth/invited", true},
        {"GET", "/api/auth/inv*", "GET", "/api/auth/inv", true},
        {"GET", "/api/auth/inv*", "GET", "/api/auth/in", false},
        {"*", "/*", "PUT", "/anything/at/all", true},
        {"*", "/*", "PUT", "", false},
    };
    for (const auto& row : table) {
        path::Rules rules;
        expect(rules.add(row.rule_method, row.rule_path), row.rule_path);
        expect_equal(rules.match(row.method, row.path), row.match,
                     std::string(row.rule_method) + ' ' + std::string(row.rule_path) + " for " +
                         std::string(row.method) + ' ' + std::string(row.path));
    }
}

void any_of_several_rules_may_match(void**) {
    path::Rules rules;
    rules.add("GET", "/a");
    rules.add("POST", "/b");
    rules.add("PUT", "/c/*");
    expect(rules.match("GET", "/a") && rules.match("POST", "/b") && rules.match("PUT", "/c/d"), "each by its own");
    expect(!rules.match("POST", "/a") && !rules.match("GET", "/b") && !rules.match("PUT", "/a"),
           "none by another's method");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(paths_that_another_server_may_read_differently_are_ambiguous),
        cmocka_unit_test(only_canonical_paths_read_as_their_decoded_form),
        cmocka_unit_test(an_escaped_path_decodes_to_itself_and_reads_as_it),
        cmocka_unit_test(only_paths_that_can_match_become_rules),
        cmocka_unit_test(rules_match_by_method_and_by_path_in_any_form),
        cmocka_unit_test(any_of_several_rules_may_match),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
