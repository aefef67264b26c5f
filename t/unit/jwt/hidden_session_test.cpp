// What could be a session within a header that should have none.
#include "unit.hpp"

#include "core/base/base64url.hpp"
#include "core/jwt/hidden_session.hpp"
#include "core/jwt/jwt.hpp"

#include <ctime>
#include <string>

namespace {

using namespace unit;
using namespace auth_gate;

const std::string session = "eyJhbGciOiJIUzI1NiJ9.eyJpZCI6N30.c2ln";
const std::string encrypted = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..aXY.Y2lwaGVy.dGFn";

std::string percent(std::string_view text) {
    constexpr char digits[] = "0123456789abcdef";
    std::string out;
    for (const char c : text) {
        out += '%';
        out += digits[static_cast<unsigned char>(c) >> 4];
        out += digits[static_cast<unsigned char>(c) & 15];
    }
    return out;
}

std::string base64(std::string_view text) {
    std::string out = base64url::encode(text);
    for (char& c : out) {
        c = c == '-' ? '+' : c == '_' ? '/' : c;
    }
    return out + std::string((4 - out.size() % 4) % 4, '=');
}

void a_session_is_found(void**) {
    std::string escaped;
    for (const char c : session) {
        escaped += '\\';
        escaped += c;
    }
    for (const std::string& text : {session,
                                    "Bearer " + session,
                                    "Token token=\"" + session + "\", x=1",
                                    "x" + session,
                                    encrypted,
                                    "Bearer " + encrypted,
                                    percent(session),
                                    percent(percent(session)),
                                    percent(percent(percent(percent(session)))),
                                    std::string("Token eyJhbGciOiJIUzI1NiJ9 . eyJpZCI6N30\t.c2ln"),
                                    base64(session),
                                    base64(base64(session)),
                                    base64(base64(base64(base64(session)))),
                                    base64url::encode(session),
                                    "v1/" + base64(session),
                                    "v1-" + base64("abc" + session),
                                    base64("\xff\xfe user:" + session),
                                    base64(percent(session)),
                                    percent(base64(session)),
                                    base64("me:" + base64(percent(session))),
                                    "Token x=\"" + escaped + "\"",
                                    std::string("Token eyJhbGciOiJIUzI1NiJ9==.eyJpZCI6N30=.c2ln"),
                                    std::string("Token eyJhbGciOiJIUzI1NiJ9.eyJpZCI6Ij8/Pz8ifQ==.c2ln"),
                                    std::string("Token eyJhbGciOiJIUzI1NiJ9%u002eeyJpZCI6N30%u002ec2ln")}) {
        expect(jwt::may_hide_session(text), text);
    }
}

void a_key_is_none(void**) {
    for (const std::string_view text :
         {"", "x", "Bearer", "Bearer ghp_0123456789abcdef", "Token a.b.c", "v4.public.eyJkYXRhIjoidGhpcyJ9",
          "glc_eyJvIjoiMSIsIm4iOiJhIn0=", "eyJ1c2VyIjo3fQ.c2ln", "Basic bWU6YS5iLmM=", "%", "%zz", "\\", "....",
          "=.=.=", "AWS4-HMAC-SHA256 Credential=A/20260101/eu/s3/aws4_request, Signature=00"}) {
        expect(!jwt::may_hide_session(text), text);
    }
}

void a_jwe_has_an_empty_part_where_a_jwt_has_none(void**) {
    expect(jwt::contains_jwt_or_jwe(encrypted) && !jwt::contains_jwt(encrypted), "of a direct key");
    expect(jwt::contains_jwt_or_jwe(session), "a JWT");
    expect(!jwt::contains_jwt_or_jwe("eyJhbGciOiJkaXIifQ.x"), "two parts");
}

double cost_of_length(std::string_view pattern) {
    constexpr std::size_t size = 512;
    constexpr std::size_t count = 64;
    const auto text_of = [&](std::size_t wanted) {
        std::string text;
        while (text.size() < wanted) {
            text += pattern;
        }
        return text;
    };
    const auto time_for = [](const std::string& text, std::size_t times) {
        const std::clock_t begin = std::clock();
        for (std::size_t i = 0; i < times; ++i) {
            (void)jwt::may_hide_session(text);
        }
        return std::clock() - begin + 1;
    };
    const std::string small = text_of(size);
    const std::string large = text_of(size * count);
    return static_cast<double>(time_for(large, 1)) / static_cast<double>(time_for(small, count));
}

// If a search took time in proportion to the square of the size, the ratio would be 64.
void no_text_takes_long(void**) {
    for (const std::string_view pattern : {"V", "VVVV", "QUFB", "%25", "%2525", "\\", ".", "..", "e30.", "e30..", "eyJ",
                                           "eyJ.", "a.a ", "AAAAAAAA ", "eyJh", "ZXlK"}) {
        expect(cost_of_length(pattern) < 16, pattern);
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_session_is_found),
        cmocka_unit_test(a_key_is_none),
        cmocka_unit_test(a_jwe_has_an_empty_part_where_a_jwt_has_none),
        cmocka_unit_test(no_text_takes_long),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
