#include "core/http/url.hpp"
#include "unit.hpp"

namespace {

using namespace unit;
using namespace auth_gate;

void urls_are_parsed(void**) {
    struct Row {
        std::string_view text, host, target;
        std::uint16_t port;
        bool https;
    };
    const Row rows[] = {
        {"https://id.example", "id.example", "/", 443, true},
        {"HTTPS://Id.Example/", "id.example", "/", 443, true},
        {"http://127.0.0.1:8080/a/b?c=d", "127.0.0.1", "/a/b?c=d", 8080, false},
        {"http://localhost?x", "localhost", "/?x", 80, false},
        {"https://[::1]:65535/%2f~!$&'()*+,;=:@", "::1", "/%2f~!$&'()*+,;=:@", 65535, true},
        {"https://[2001:DB8::1]", "2001:db8::1", "/", 443, true},
        {"https://a_b-c.example.:1/", "a_b-c.example.", "/", 1, true},
    };
    for (const Row& row : rows) {
        const auto url = url::parse(row.text);
        expect(url.has_value(), row.text);
        expect_equal(url->host, row.host, row.text);
        expect_equal(url->target, row.target, row.text);
        expect_equal(url->port, row.port, row.text);
        expect_equal(url->https, row.https, row.text);
    }
}

void unusual_and_malformed_urls_are_refused(void**) {
    for (std::string_view text : {"",
                                  "https",
                                  "https:",
                                  "https:/",
                                  "https://",
                                  "https:///a",
                                  "://a",
                                  "ftp://a/",
                                  "javascript://a",
                                  "httpss://a",
                                  "//a/b",
                                  "/a",
                                  "a.example",
                                  "https:a.example",
                                  "https://user@a/",
                                  "https://user:pw@a/",
                                  "https://a@b/",
                                  "https://a:/",
                                  "https://a:0/",
                                  "https://a:65536/",
                                  "https://a:x/",
                                  "https://a:80x/",
                                  "https://a:-1/",
                                  "https://a:80:80/",
                                  "https://.a/",
                                  "https://a..b/",
                                  "https://a b/",
                                  "https://a/b c",
                                  "https://a/b#c",
                                  "https://a#c",
                                  "https://a/%",
                                  "https://a/%2",
                                  "https://a/%zz",
                                  "https://%61/",
                                  "https://a\\b/",
                                  "https://a/\\b",
                                  "https://a/<",
                                  "https://a/\"",
                                  "https://a/{b}",
                                  "https://[::1",
                                  "https://::1/",
                                  "https://[::1]x/",
                                  "https://[1.2.3.4]/",
                                  "https://[]/",
                                  "https://[::1%25lo]/",
                                  " https://a/",
                                  "https://a/ ",
                                  "https://a/\n",
                                  "https://a/\t",
                                  "https://a\r/",
                                  "https://a/\x7f",
                                  "https://a/\xc3\xa9",
                                  "https://\xc3\xa9/",
                                  "https://*/",
                                  "https://a,b/",
                                  "https://a?b|c"}) {
        expect(!url::parse(text), text);
    }
    expect(!url::parse("https://a/\0"sv), "a NUL");
    expect(!url::parse("https://a\0.b/"sv), "a NUL in the host");
    const std::string base = "https://a/";
    expect(url::parse(base + std::string(url::longest - base.size(), 'x')).has_value(), "the longest");
    expect(!url::parse(base + std::string(url::longest - base.size() + 1, 'x')), "a byte longer");
    expect(url::parse("https://" + std::string(253, 'h')).has_value(), "the longest host");
    expect(!url::parse("https://" + std::string(254, 'h')), "a longer host");
}

void plain_http_is_secure_only_on_loopback(void**) {
    for (std::string_view text : {"https://a.example/", "https://10.0.0.1", "http://127.0.0.1:1/", "http://[::1]/",
                                  "http://localhost/x", "http://LOCALHOST:3000"}) {
        expect(url::is_secure(text), text);
    }
    for (std::string_view text :
         {"http://a.example/", "http://10.0.0.1/", "http://127.0.0.2/", "http://127.1/", "http://0/", "http://0.0.0.0/",
          "http://2130706433/", "http://localhost./", "http://localhost.evil.example/",
          "http://127.0.0.1.evil.example/", "http://127.0.0.1@evil.example/", "http://[::ffff:127.0.0.1]/",
          "ws://localhost/", "localhost", ""}) {
        expect(!url::is_secure(text), text);
    }
}

void only_https_elsewhere_is_public(void**) {
    for (std::string_view text :
         {"https://id.example", "https://id.example:8443/a?b", "https://8.8.8.8", "https://[2606:4700::1]"}) {
        expect(url::is_public(text), text);
    }
    for (std::string_view text :
         {"http://id.example", "http://8.8.8.8", "http://127.0.0.1", "https://127.0.0.1:8443/x", "https://LOCALHOST",
          "https://127.1", "https://0x7f000001/", "https://10.0.0.1", "https://169.254.169.254", "https://[::1]",
          "https://[::ffff:127.0.0.1]", "https://[fe80::1]", "https://0", "https://x.localhost.",
          "https://user@id.example", "unix:/run/x.sock", "file:///etc/passwd", ""}) {
        expect(!url::is_public(text), text);
    }
}

void a_base_has_no_query(void**) {
    for (std::string_view text : {"https://a", "https://a/", "http://a:1/b/c"}) {
        expect(url::is_base(text), text);
    }
    for (std::string_view text : {"https://a?", "https://a/?b", "https://a/b?c=d", "/a", "a", ""}) {
        expect(!url::is_base(text), text);
    }
}

void a_proxy_may_have_a_user_and_a_password(void**) {
    for (const char* text : {"http://127.0.0.1:3128", "http://proxy.example:3128/", "https://proxy.example",
                             "http://user:pa%40ss@proxy.example:3128", "http://user@[::1]:3128", "http://u:p:q@h"}) {
        expect(url::is_proxy(text), text);
    }
    for (const char* text : {"", "127.0.0.1:3128", "http://", "http://h:3128/x", "http://h?x", "socks5://h:1080",
                             "http://u:p@", "http://u:p@h/x@y", "http://u/x@h", "http://u p@h", "http://u%4@h"}) {
        expect(!url::is_proxy(text), text);
    }
}

void issuers_may_differ_by_one_final_slash(void**) {
    expect(url::same_issuer("https://a/b", "https://a/b"), "the same");
    expect(url::same_issuer("https://a/b/", "https://a/b"), "a slash on the left");
    expect(url::same_issuer("https://a/b", "https://a/b/"), "a slash on the right");
    expect(!url::same_issuer("https://a/b//", "https://a/b"), "two slashes");
    expect(!url::same_issuer("https://a/B", "https://a/b"), "letter case");
    expect(!url::same_issuer("https://a/b/c", "https://a/b"), "more of a path");
    expect(!url::same_issuer("", "https://a"), "nothing");
}

void parameters_are_escaped_and_appended(void**) {
    std::string url = "https://a/authorize";
    url::add_parameter(url, "a", "b c&d=e+\xc3\xa9");
    expect_equal(url, "https://a/authorize?a=b%20c%26d%3De%2B%C3%A9", "the first");
    url::add_parameter(url, "x y", "");
    expect_equal(url, "https://a/authorize?a=b%20c%26d%3De%2B%C3%A9&x%20y=", "the second");
    for (std::string_view base : {"/a?b=c", "/a?b=c&"}) {
        std::string with_query(base);
        url::add_parameter(with_query, "d", "e");
        expect_equal(with_query, "/a?b=c&d=e", base);
    }
    std::string bare = "/a?";
    url::add_parameter(bare, "d", "e");
    expect_equal(bare, "/a?d=e", "an empty query");

    std::string form;
    url::add_field(form, "code", "a/b");
    url::add_field(form, "z", "-._~");
    expect_equal(form, "code=a%2Fb&z=-._~", "a form");
    expect_equal(url::encode("\0\x7f\n"sv), "%00%7F%0A", "bytes");
}

void form_values_are_decoded_strictly(void**) {
    expect_equal(url::decode_form("a+b%20c%2Bd"), std::optional("a b c+d"s), "spaces");
    expect_equal(url::decode_form(""), std::optional(""s), "nothing");
    expect_equal(url::decode_form("%e2%82%AC"), std::optional("\xe2\x82\xac"s), "both letter cases");
    for (std::string_view text : {"%", "%4", "a%", "%g0", "%0g", "%%41", "% 1"}) {
        expect(!url::decode_form(text), text);
    }
    std::string every;
    for (int byte = 0; byte < 256; ++byte) {
        every += static_cast<char>(byte);
    }
    expect(url::decode_form(url::encode(every)) == every, "every byte comes back");
}

void a_return_path_stays_on_the_same_origin(void**) {
    for (std::string_view path : {"/", "/trips", "/trips/7?tab=map&x=%2F%2Fevil", "/a/b/c#d", "/a?next=https://b//c",
                                  "/a:b@c", "/%2f%2fevil"}) {
        expect(url::is_return_path(path), path);
    }
    for (std::string_view path : {"",
                                  "trips",
                                  "//evil.example",
                                  "///evil",
                                  "/\\evil",
                                  "\\\\evil",
                                  "/a\\b",
                                  "https://evil.example/",
                                  "javascript:alert(1)",
                                  "/a//b",
                                  "/..//evil",
                                  " /a",
                                  "/a b",
                                  "/\t/evil",
                                  "/a\r\nSet-Cookie: x",
                                  "/a\x7f",
                                  "/\xc3\xa9",
                                  "?a",
                                  "#a",
                                  "/a?b\\c"}) {
        expect(!url::is_return_path(path), path);
    }
    expect(!url::is_return_path("/a\0"sv), "a NUL");
    expect(url::is_return_path('/' + std::string(254, 'a')), "the longest");
    expect(!url::is_return_path('/' + std::string(255, 'a')), "a byte longer");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(urls_are_parsed),
        cmocka_unit_test(unusual_and_malformed_urls_are_refused),
        cmocka_unit_test(plain_http_is_secure_only_on_loopback),
        cmocka_unit_test(only_https_elsewhere_is_public),
        cmocka_unit_test(a_base_has_no_query),
        cmocka_unit_test(a_proxy_may_have_a_user_and_a_password),
        cmocka_unit_test(issuers_may_differ_by_one_final_slash),
        cmocka_unit_test(parameters_are_escaped_and_appended),
        cmocka_unit_test(form_values_are_decoded_strictly),
        cmocka_unit_test(a_return_path_stays_on_the_same_origin),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
