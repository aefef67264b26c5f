// Paths: those that two servers may interpret differently, and the lists of public paths.
#include "unit.hpp"

#include "core/http/path.hpp"
#include "core/http/query.hpp"

namespace {

using namespace unit;
namespace path = auth_gate::path;

void paths_that_another_server_may_read_differently_are_ambiguous(void**) {
    static constexpr struct {
        std::string_view raw;
        bool ambiguous;
    } table[] = {
        {"", false},
        {"/", false},
        {"/api/trips", false},
        {"/API/../api//x/%2e", false},
        {"/a%20b/%c3%a4", false},
        {"/a%2fb/%2F", false},
        {"/a%80%ff", false},
        {"/a%25", false},
        {"/a%3f%23", false},
        {"/a%253b%255c%250a", false},  // decoded once
        {"/a%", false},
        {"/a%3", false},
        {"/a%zz", false},
        {"/a;b", true},
        {"/a;/../x", true},
        {"/;/x", true},
        {"/a%3bb", true},
        {"/a%3Bb/c", true},
        {"/%3b/", true},
        {"/a%3b%2fb", true},
        {"/a/b%3b", true},
        {"/a%3b/../b", true},
        {"/a\\b", true},
        {"/a%5cb", true},
        {"/a%5C", true},
        {"/a%5C..%5Cb", true},
        {"/a%5c/../b", true},
        {"/a%00b", true},
        {"/a%0ab", true},
        {"/a%0d%0ab", true},
        {"/a%09b", true},
        {"/a%1fb", true},
        {"/a%7fb", true},
        {"/a\nb", true},
        {"/a%%3b", true},
    };
    for (const auto& row : table) {
        expect_equal(path::is_ambiguous(row.raw), row.ambiguous, row.raw);
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
    for (std::string_view text : {"",      "api",    "*",       "/a*b",  "/a*/b",  "/*a/b",    "/a**",       "/a/**/b",
                                  "/a/**", "/**/a",  "/*/../a", "*/a",   "/*/a?b", "/*/a%20",  "https://a/", " /a",
                                  "~ /a",  "/a;b/*", "/a\\*",   "/a\n*", "/*/a;b", "/a\\b/*/c"}) {
        expect(!rules.add("GET", text), text);
    }
    expect(rules.empty(), "none was kept");
    expect(!rules.match("GET", "/a"), "and none matches");
    for (std::string_view text : {"/", "/*", "/a", "/a/", "/a;b", "/a*", "/*/a", "/a/*/", "/a/*/b/*/c*"}) {
        expect(rules.add("GET", text), text);
    }
    expect(!rules.empty(), "the others are");
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
        // One segment.
        {"*", "/api/auth/*/callback", "GET", "/api/auth/google/callback", true},
        {"*", "/api/auth/*/callback", "GET", "/API/Auth/Google//callback/", true},
        {"*", "/api/auth/*/callback", "GET", "/api/auth/a-b_c.d~1@x:y/callback", true},
        {"*", "/api/auth/*/callback", "GET", "/api/auth/google/callback/x", false},
        {"*", "/api/auth/*/callback", "GET", "/api/auth/google/callbacks", false},
        {"*", "/api/auth/*/callback", "GET", "/api/auth/google", false},
        {"*", "/api/auth/*/callback", "GET", "/api/auth/google/", false},
        {"*", "/api/auth/*/callback", "GET", "/api/auth", false},
        {"*", "/api/auth/*/callback", "GET", "/api", false},
        {"*", "/api/auth/*/callback", "GET", "", false},
        {"*", "/api/auth/*/callback", "GET", "/api/auth/callback", false},
        {"*", "/api/auth/*/callback", "GET", "/api/auth//callback", false},
        {"*", "/api/auth/*/callback", "GET", "/api/auth/a/b/callback", false},
        {"*", "/api/auth/*/callback", "GET", "/api/auth/a%2fb/callback", false},  // it was %252f
        {"*", "/api/auth/*/callback", "GET", "/api/auth/a%5Cb/callback", false},
        {"*", "/api/auth/*/callback", "GET", "/api/auth/a%252fb/callback", false},
        {"*", "/api/auth/*/callback", "GET", "/api/auth/%2e%2e/callback", false},
        {"*", "/api/auth/*/callback", "GET", "/api/auth/./callback", false},
        {"*", "/api/auth/*/callback", "GET", "/api/auth/../callback", false},
        {"*", "/api/auth/*/callback", "GET", "/api/auth/.../callback", false},
        {"*", "/api/auth/*/callback", "GET", "/api/auth/.. /callback", false},
        {"*", "/api/auth/*/callback", "GET", "/api/auth/..\\x/callback", false},
        {"*", "/api/auth/*/callback", "GET", "/api/auth/a;b/callback", false},
        {"*", "/api/auth/*/callback", "GET", "/api/auth/a?b/callback", false},
        {"*", "/api/auth/*/callback", "GET", "/api/auth/a#b/callback", false},
        {"*", "/api/auth/*/callback", "GET", "/api/auth/a\0b/callback"sv, false},
        {"*", "/api/auth/*/callback", "GET", "/api/auth/a\nb/callback", false},
        {"*", "/api/auth/*/callback", "GET",
         "/api/auth/a\xc0\xaf"
         "b/callback",
         false},  // a long "/"
        {"*", "/api/auth/*/callback", "GET",
         "/api/auth/a\xef\xbc\x8f"
         "b/callback",
         false},  // a wide "/"
        {"GET", "/*", "GET", "/x/y", true},
        {"GET", "/*/", "GET", "/x", true},
        {"GET", "/*/", "GET", "/x/y", false},
        {"GET", "/*/", "GET", "/", false},
        {"GET", "/*/*", "GET", "/x/y/z", true},
        {"GET", "/*/*", "GET", "/x/", true},
        {"GET", "/*/*", "GET", "/x", false},
        {"GET", "/a/*/b/*/c", "GET", "/a/1/b/2/c", true},
        {"GET", "/a/*/b/*/c", "GET", "/a/1/b/c", false},
        {"GET", "/a/*/b/*/c", "GET", "/a/1/2/b/2/c", false},
        {"GET", "/a/*/b*", "GET", "/a/1/bc/d", true},
        {"GET", "/a/*/b*", "GET", "/a/1/c", false},
        {"GET", "/a/*/a/*/b", "GET", "/a/a/a/a/b", true},
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

void a_path_that_goes_on_as_it_was_sent_must_match_in_that_form_too(void**) {
    static constexpr struct {
        std::string_view rule, sent, decoded;
        bool match;
    } table[] = {
        {"/public/*", "/public/x", "/public/x", true},
        {"/public/*", "/PUBLIC//x", "/PUBLIC/x", true},
        {"/public/*", "/public/%41%20b", "/public/A b", true},
        {"/public/*", "/publi%63/x", "/public/x", true},
        {"/public/*", "/public/group%2Fproject", "/public/group/project", true},
        {"/public/*", "/public/a%3fb%23c%25d", "/public/a?b#c%d", true},
        {"/public/*", "/private/x", "/private/x", false},
        {"/public/*", "/private/x", "/public/x", false},  // rewritten
        {"/public/*", "/public%2fx", "/public/x", false},
        {"/public/*", "/%2Fpublic/x", "/public/x", false},
        // What the servers disagree about.
        {"/public/*", "/public/x;y", "/public/x;y", false},
        {"/public/*", "/public/x%3by", "/public/x;y", false},
        {"/public/*", "/public/..;/trips", "/public/..;/trips", false},
        {"/public/*", "/public/..%3B/trips", "/public/..;/trips", false},
        {"/public/*", "/x;/../public/y", "/public/y", false},
        {"/public/*", "/x%3B/../public/y", "/public/y", false},
        {"/public/*", "/public/..\\trips", "/public/..\\trips", false},
        {"/public/*", "/public/..%5ctrips", "/public/..\\trips", false},
        {"/public/*", "/public/x%0a", "/public/x\n", false},
        {"/public/*", "/public/x", "/public/x;y", false},
        {"/public/*", "/private/../public/x", "/public/x", false},
        {"/public/*", "/public/x/../y", "/public/y", false},
        {"/public/*", "/public/x/..", "/public/", false},
        {"/public/*", "/public/./x", "/public/x", false},
        {"/public/*", "/public/x/%2e%2E/y", "/public/y", false},
        {"/public/*", "/public/x%2f..%2Fy", "/public/y", false},
        {"/public/*", "/private/x%2f..%2f..%2fpublic/y", "/public/y", false},
        {"/public/*", "/public/x#/../../private", "/public/x", false},
        {"/*", "/a;b", "/a;b", false},
        {"/p/*/x", "/p/1/x", "/p/1/x", true},
        {"/p/*/x", "/P/%41/x/", "/P/A/x/", true},
        {"/p/*/x", "/p/1%2f2/x", "/p/1/2/x", false},
        {"/p/*/x", "/p/1%252f2/x", "/p/1%2f2/x", false},
        {"/p/*/x", "/p/%2f/x", "/p/x", false},
        {"/p/*/x", "/p/1%2fx", "/p/1/x", false},
        {"/p/*/x", "/p%2f1/x", "/p/1/x", false},
        {"/p/*/x", "/p//1/x", "/p/1/x", false},
        {"/p/*/x", "/p/1//x", "/p/1/x", false},
        {"/p/*/x", "/p/1/x//", "/p/1/x/", false},
        {"/p/*/x", "/p/q/../1/x", "/p/1/x", false},
        {"/p/*/x", "/p/1/./x", "/p/1/x", false},
        {"/p/*/x", "/p/%2e%2e/p/1/x", "/p/1/x", false},
        {"/p/*/x", "/p/1;y/x", "/p/1;y/x", false},
        {"/p/*/x", "/p/1%3by/x", "/p/1;y/x", false},
        {"/p/*/x", "/p/1%5cy/x", "/p/1\\y/x", false},
        {"/p/*/x", "/q/1/x", "/p/1/x", false},  // rewritten
        {"/p/*/x", "/p/1/x", "/q/1/x", false},
        // An exact rule says what it means.
        {"/health", "/health", "/health", true},
        {"/health", "/HEALTH/", "/HEALTH/", true},
        {"/health", "/h%65alth", "/health", true},
        {"/health", "/health%2f", "/health/", false},
        {"/health", "/x/../health", "/health", false},
        {"/health", "/x;/../health", "/health", false},
        {"/health", "/health;x", "/health;x", false},
        {"/health", "/health#x", "/health", false},
        {"/a;b.mp3", "/a;b.mp3", "/a;b.mp3", true},
        {"/a;b.mp3", "/a%3Bb.mp3", "/a;b.mp3", true},
        {"/a;b.mp3", "/a;b.mp3;", "/a;b.mp3;", false},
        {"/queues/q", "/queues/%2F/q", "/queues/q", false},
    };
    for (const auto& row : table) {
        path::Rules rules;
        expect(rules.add("GET", row.rule), row.rule);
        expect_equal(rules.match_as_sent("GET", row.decoded, row.sent), row.match,
                     std::string(row.rule) + " for " + std::string(row.sent));
        expect(!rules.match_as_sent("POST", row.decoded, row.sent), row.sent);
    }
    expect(!path::Rules().match_as_sent("GET", "/", "/"), "no rules");
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
        cmocka_unit_test(a_path_that_goes_on_as_it_was_sent_must_match_in_that_form_too),
        cmocka_unit_test(any_of_several_rules_may_match),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
