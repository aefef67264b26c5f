// Where parsers may find a session cookie.
#include "unit.hpp"

#include "core/http/cookie.hpp"
#include "core/jwt/session_cookie.hpp"

#include <ctime>
#include <string>
#include <vector>

namespace {

using namespace unit;
using namespace auth_gate;

// All values that are found in a segment, each in brackets.
std::string found_in(std::string_view segment, std::string_view name = "a_sid") {
    std::string values;
    cookie::Places places(segment, name);
    while (const auto value = places.next()) {
        values += "[" + std::string(*value) + "]";
    }
    return values;
}

void a_place_is_found_by_what_any_parser_does(void**) {
    static constexpr struct {
        std::string_view segment, values;
    } table[] = {
        {"a_sid=1", "[1]"},
        {"a_sid=", "[]"},
        {"a_sid", "[]"},
        {"a_sid=1 a_sid=2,a_sid=3\ta_sid=4\"a_sid=5", "[1][2][3][4][5]"},
        {"z=1 a_sid=2", "[2]"},
        {"z=\"1\"a_sid=2", "[2]"},
        {"a_sid = \"1\" x", "[1]"},
        {"a_sid\xa0=\x0b"
         "1",
         "[1]"},
        {"\"a_sid\"=1", "[1]"},
        {"a.sid=1", "[1]"},
        {"a sid=1", "[1]"},
        {"a[sid=1", "[1]"},
        {"a+sid=1", "[1]"},
        {"a_sid[x]=1", "[1]"},
        {"a_sid[x", "[]"},
        {"a%5Fsid=1", "[1]"},
        {"%61%5f%73%69%64=1", "[1]"},
        {"%20a_sid=1", "[1]"},
        {"%41a_sid=1", ""},
        {"%2a_sid=1", ""},
        {"a_sid%=1", ""},
        {"A_sid=1", ""},
        {"A_sid=eyJhbGciOiJIUzI1NiJ9.eyJpZCI6N30.AAAA", "[eyJhbGciOiJIUzI1NiJ9.eyJpZCI6N30.AAAA]"},
        {"A_SID=\"eyJhbGciOiJIUzI1NiJ9%2EeyJpZCI6N30%2eAAAA\"", "[eyJhbGciOiJIUzI1NiJ9%2EeyJpZCI6N30%2eAAAA]"},
        {"", ""},
        {"=", ""},
        {"xa_sid=1", ""},
        {"a_sid2=1", ""},
        {"z=a_sid=1", ""},
        {"z=/x?a_sid=1", ""},
        {"z=1 a_sid", ""},
        {"a_sid,z=1", "[]"},
        {"a-sid=1", ""},
        {"%20a_sid=%20a_sid=1", "[%20a_sid=1][1]"},
        {"a_sid[%20a_sid[x = \"1\"", "[1][1]"},
        {"%20A_sid=%20A_sid=eyJhbGciOiJIUzI1NiJ9.eyJpZCI6N30.AAAA",
         "[%20A_sid=eyJhbGciOiJIUzI1NiJ9.eyJpZCI6N30.AAAA][eyJhbGciOiJIUzI1NiJ9.eyJpZCI6N30.AAAA]"},
    };
    for (const auto& row : table) {
        expect_equal(found_in(row.segment), std::string(row.values), row.segment);
    }
}

// Processor time for one long header of this pattern, against many short ones of the same size together.
double cost_of_length(std::string_view pattern) {
    constexpr std::size_t size = 4096;
    constexpr std::size_t count = 64;
    const auto header_of = [&](std::size_t wanted) {
        std::string header;
        while (header.size() < wanted) {
            header += pattern;
        }
        return header + "eyJhbGciOiJIUzI1NiJ9.eyJpZCI6N30.AAAA";
    };
    const auto time_for = [](const std::string& header, std::size_t times) {
        const std::clock_t begin = std::clock();
        for (std::size_t i = 0; i < times; ++i) {
            cookie::Places places(header, "s");
            while (places.next()) {
            }
        }
        return std::clock() - begin + 1;
    };
    const std::string small = header_of(size);
    const std::string large = header_of(size * count);
    return static_cast<double>(time_for(large, 1)) / static_cast<double>(time_for(small, count));
}

// Where the search took time in proportion to the square of the size, the ratio was 64.
void no_header_takes_long(void**) {
    for (const std::string_view pattern :
         {"=",      "s",   "=s",       "s=", "S=",  "s ", "%20S", "%20s=", "%20S=", "%20s[", "%20s[%20",
          "%20s[ ", "s ,", "%20s=%20", " s", "s\"", "[",  "%",    "%2",    "s[s[=", ";s=1"}) {
        expect(cost_of_length(pattern) < 16, pattern);
    }
}

void a_name_with_a_dot_is_found_too(void**) {
    expect_equal(found_in("connect.sid=1", "connect.sid"), std::string("[1]"), "itself");
    expect_equal(found_in("connect_sid=1", "connect.sid"), std::string("[1]"), "as PHP has it");
    expect_equal(found_in("connect-sid=1", "connect.sid"), std::string(), "another one");
}

void the_header_is_read_as_the_rfc_has_it(void**) {
    std::string segments;
    cookie::each_segment(" a=1;\tb=2 ;;c",
                         [&](std::string_view segment) { segments += "[" + std::string(segment) + "]"; });
    expect_equal(segments, std::string("[a=1][b=2 ][][c]"), "segments");
    expect(cookie::exact_value("a=b=c", "a") == "b=c"sv, "all behind the first equals sign");
    for (const std::string_view segment : {"", "a", "=a", "ab=1", "A=1", "a =1"}) {
        expect(!cookie::exact_value(segment, "a"), segment);
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_place_is_found_by_what_any_parser_does),
        cmocka_unit_test(no_header_takes_long),
        cmocka_unit_test(a_name_with_a_dot_is_found_too),
        cmocka_unit_test(the_header_is_read_as_the_rfc_has_it),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
