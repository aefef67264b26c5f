// A session without its signature: taken apart, kept and read again, with another end.
#include "core/jwt/session_copy.hpp"

#include "jwt/kit.hpp"

#include "core/base/base64url.hpp"

using namespace auth_gate;
using namespace unit;

namespace {

using jwt::SessionCopy;
using jwt::SessionPlace;
using Kind = jwt::PlaceKind;

void the_claims_are_those_of_the_jwt(void**) {
    for (const std::string_view claims : {"{}", R"({"id":7})", R"({ "id" : "a.b" , "exp":1 })"}) {
        const std::string token = jwt::sign(jwt::usual_header, claims, key());
        expect_equal(jwt::claims_text(token), claims, claims);
        expect_equal(jwt::sign(jwt::usual_header, jwt::claims_text(token), key()), token,
                     "signed again, it is the same");
    }
    for (const std::string_view text : {"", "a", "a.b", "a.=.c", "a.b.c.d"}) {
        expect_equal(jwt::claims_text(text), ""sv, text);
    }
}

void a_copy_is_read_as_it_was_packed(void**) {
    const std::string longest(SessionCopy::longest_name, 'n');
    for (const Kind kind : {Kind::bearer, Kind::header, Kind::cookie}) {
        for (const std::string& name : {std::string(), std::string("Bearer"), std::string("a.b\n"), longest}) {
            for (const std::string_view claims : {"{}", R"({"id":"a.b"})"}) {
                const SessionCopy copy{jwt::usual_header, claims, {kind, name}};
                const std::string packed = copy.packed();
                const auto read = SessionCopy::unpacked(packed);
                expect(read.has_value(), name);
                expect_equal(read->header, copy.header, name);
                expect_equal(read->claims, copy.claims, name);
                expect(read->place == copy.place, name);
            }
        }
    }
    for (const std::string_view text : {""sv, "b"sv, "x\0a.{}"sv, "b\0a{}"sv, "b\5a.{}"sv, "b\xff."sv}) {
        expect(!SessionCopy::unpacked(text), text);
    }
}

void header_and_claims_have_a_limit(void**) {
    const std::string blanks(SessionCopy::largest, ' ');
    expect(SessionCopy{"abc", std::string_view(blanks).substr(3), {}}.fits(), "just so");
    expect(!SessionCopy{"abc", std::string_view(blanks).substr(2), {}}.fits(), "a byte more");
}

void only_the_end_changes(void**) {
    static constexpr struct {
        std::string_view claims, ended;
    } table[] = {
        {R"({"id":7,"exp":99})", R"({"id":7,"exp":5})"},
        {R"({"exp":99,"id":7})", R"({"exp":5,"id":7})"},
        {R"({"exp":9.5e1})", R"({"exp":5})"},
        {R"({ "exp" : 99 , "a":1 } )", R"({ "exp" : 5 , "a":1 } )"},
        {R"({"\u0065xp":99})", R"({"\u0065xp":5})"},
        {R"({"a":{"exp":1},"b":["exp"],"c":"exp","exp":99})", R"({"a":{"exp":1},"b":["exp"],"c":"exp","exp":5})"},
        {R"({"a":"\"exp\":1","exp":99})", R"({"a":"\"exp\":1","exp":5})"},
        {R"({"a\\":1,"exp":99})", R"({"a\\":1,"exp":5})"},
        {R"({"id":7})", R"({"id":7,"exp":5})"},
        {R"({})", R"({"exp":5})"},
        {R"({"nexp":1,"expx":2})", R"({"nexp":1,"expx":2,"exp":5})"},
    };
    for (const auto& row : table) {
        expect_equal(jwt::ending_at(row.claims, 5), row.ended, row.claims);
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_claims_are_those_of_the_jwt),
        cmocka_unit_test(a_copy_is_read_as_it_was_packed),
        cmocka_unit_test(header_and_claims_have_a_limit),
        cmocka_unit_test(only_the_end_changes),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
