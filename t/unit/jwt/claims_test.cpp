// The payload of a JWT: dates, ids, purposes; and tokens that the gate signs itself.
#include <set>
#include <vector>

#include "jwt/kit.hpp"

namespace {

using namespace unit;

void dates_are_compared_to_the_second(void**) {
    static constexpr struct {
        std::string_view dates;
        std::int64_t leeway;
        Status status;
    } table[] = {
        // exp: the first second in which a token is no longer valid.
        {R"("exp":1700000001)", 0, Status::valid},
        {R"("exp":1700000000)", 0, Status::expired},
        {R"("exp":1699999999)", 0, Status::expired},
        {R"("exp":1700000000)", 1, Status::valid},
        {R"("exp":1699999999)", 1, Status::expired},
        {R"("exp":1699999941)", 60, Status::valid},
        {R"("exp":1699999940)", 60, Status::expired},
        {R"("exp":1700000000.5)", 0, Status::valid},
        {R"("exp":1700000000.0)", 0, Status::expired},
        {R"("exp":1699999999.999)", 0, Status::expired},
        {R"("exp":1.700000001e9)", 0, Status::valid},
        {R"("exp":0)", 0, Status::expired},
        {R"("exp":-1)", 0, Status::expired},
        {R"("exp":-0.0)", 0, Status::expired},
        {R"("exp":1e-300)", 0, Status::expired},
        {R"("exp":-1e300)", 0, Status::expired},
        {R"("exp":-9223372036854775808)", 9223372036854775807, Status::expired},
        {R"("exp":9223372036854775807)", 0, Status::valid},
        {R"("exp":9223372036854775807)", 9223372036854775807, Status::valid},
        {R"("exp":1e300)", 0, Status::valid},
        {R"("exp":1e300)", 9223372036854775807, Status::valid},
        {R"("exp":1.7e308)", 0, Status::valid},
        {R"("exp":99999999999999999999)", 0, Status::valid},
        {R"("exp":-99999999999999999999)", 0, Status::expired},
        {R"("exp":1e999)", 0, Status::bad_payload},
        // nbf: not in the future.
        {R"("exp":1700003600,"nbf":1700000000)", 0, Status::valid},
        {R"("exp":1700003600,"nbf":1700000001)", 0, Status::not_yet_valid},
        {R"("exp":1700003600,"nbf":1700000001)", 1, Status::valid},
        {R"("exp":1700003600,"nbf":1700000002)", 1, Status::not_yet_valid},
        {R"("exp":1700003600,"nbf":1700000000.5)", 0, Status::not_yet_valid},
        {R"("exp":1700003600,"nbf":-1)", 0, Status::valid},
        {R"("exp":1700003600,"nbf":1e300)", 9223372036854775807, Status::not_yet_valid},
        {R"("exp":1700003600,"nbf":-1e300)", 0, Status::valid},
        // iat: a minute ahead, or the leeway where that is more.
        {R"("exp":1700003600,"iat":1700000000)", 0, Status::valid},
        {R"("exp":1700003600,"iat":1700000001)", 0, Status::valid},
        {R"("exp":1700003600,"iat":1700000060)", 0, Status::valid},
        {R"("exp":1700003600,"iat":1700000060.5)", 0, Status::not_yet_valid},
        {R"("exp":1700003600,"iat":1700000061)", 0, Status::not_yet_valid},
        {R"("exp":1700003600,"iat":1700000060)", 30, Status::valid},
        {R"("exp":1700003600,"iat":1700000061)", 30, Status::not_yet_valid},
        {R"("exp":1700003600,"iat":1700000061)", 60, Status::not_yet_valid},
        {R"("exp":1700003600,"iat":1700000061)", 61, Status::valid},
        {R"("exp":1700003600,"iat":1700000062)", 61, Status::not_yet_valid},
        {R"("exp":1700003600,"iat":0)", 0, Status::valid},
        {R"("exp":1700003600,"iat":-1e300)", 0, Status::valid},
        {R"("exp":1e300,"iat":1e300)", 9223372036854775807, Status::not_yet_valid},
        // Neither date stands for the other, in whatever order they come.
        {R"("exp":1700003600,"iat":1700000060,"nbf":1700000000)", 0, Status::valid},
        {R"("exp":1700003600,"nbf":1700000000,"iat":1700000060)", 0, Status::valid},
        {R"("exp":1700003600,"iat":1700000060,"nbf":1700000001)", 0, Status::not_yet_valid},
        {R"("exp":1700003600,"nbf":1700000001,"iat":1700000000)", 0, Status::not_yet_valid},
        {R"("exp":1700003600,"nbf":1699999999,"iat":1700000061)", 0, Status::not_yet_valid},
        {R"("exp":1700003600,"iat":1700000061,"nbf":1699999999)", 0, Status::not_yet_valid},
        {R"("exp":1e300,"iat":1e300)", 0, Status::not_yet_valid},
        {R"("exp":1699999999,"nbf":1700000001)", 0, Status::expired},
        // Dates are numbers.
        {R"("exp":"1700003600")", 0, Status::bad_payload},
        {R"("exp":"never")", 0, Status::bad_payload},
        {R"("exp":true)", 0, Status::bad_payload},
        {R"("exp":null)", 0, Status::bad_payload},
        {R"("exp":[1700003600])", 0, Status::bad_payload},
        {R"("exp":{})", 0, Status::bad_payload},
        {R"("exp":NaN)", 0, Status::bad_payload},
        {R"("exp":Infinity)", 0, Status::bad_payload},
        {R"("exp":01700003600)", 0, Status::bad_payload},
        {R"("exp":0x7fffffff)", 0, Status::bad_payload},
        {R"("exp":1700003600,"nbf":"1")", 0, Status::bad_payload},
        {R"("exp":1700003600,"nbf":null)", 0, Status::bad_payload},
        {R"("exp":1700003600,"iat":"1")", 0, Status::bad_payload},
        {R"("exp":1700003600,"iat":false)", 0, Status::bad_payload},
        {R"("exp":1700003600,"exp":1700003600)", 0, Status::bad_payload},
        {R"("exp":1,"exp":1700003600)", 0, Status::bad_payload},
        // None.
        {R"("Exp":1700003600)", 0, Status::no_expiry},
        {R"("iat":1)", 0, Status::no_expiry},
    };
    for (const auto& row : table) {
        expect_status(token_of("{\"id\":\"alice\"," + std::string(row.dates) + '}'), row.status, row.dates,
                      checks_at(now, row.leeway));
    }
}

// "NumericDates may be fractional or huge": a huge one takes nothing away from the other claims.
void a_huge_date_does_not_hide_an_integer_id(void**) {
    for (std::string_view exp : {"1e300", "9223372036854775807", "99999999999999999999"}) {
        expect_status(token_of("{\"id\":1,\"exp\":" + std::string(exp) + '}'), Status::valid, exp);
    }
}

void a_huge_date_does_not_change_an_id(void**) {
    for (std::string_view id :
         {"9007199254740991", "9007199254740992", "9007199254740993", "-9007199254740993", "9223372036854775807"}) {
        const std::string token = token_of("{\"id\":" + std::string(id) + ",\"exp\":99999999999999999999}");
        const jwt::Verified verified = jwt::verify(token, std::span(&key(), 1), checks_at());
        if (verified.status == Status::valid) {
            expect_equal(verified.session->user.text, id, "the id of a token with a huge exp");
        }
    }
}

void an_expiry_may_be_optional(void**) {
    jwt::Checks checks = checks_at();
    checks.require_exp = false;
    expect_status(token_of(R"({"id":1})"), Status::valid, "none", checks);
    expect(!jwt::verify(token_of(R"({"id":1})"), std::span(&key(), 1), checks).session->has_end(), "and none is told");
    expect_status(token_of(R"({"id":1,"exp":1700000000})"), Status::expired, "one that is over", checks);
    expect_status(token_of(R"({"id":1,"exp":null})"), Status::bad_payload, "null", checks);
    expect_status(token_of(R"({"id":1,"nbf":1700000001})"), Status::not_yet_valid, "nbf", checks);
}

void now_may_be_any_second(void**) {
    for (const std::int64_t at :
         {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1}, std::int64_t{0}, std::int64_t{1},
          std::int64_t{4102444800}, std::numeric_limits<std::int64_t>::max()}) {
        const jwt::Checks checks = checks_at(at, std::numeric_limits<std::int64_t>::max());
        expect(verify(token_of(R"({"id":1,"exp":-1e308})"), checks) == Status::expired, std::to_string(at));
        expect(verify(token_of(R"({"id":1,"exp":1e308})"), checks) == Status::valid, std::to_string(at));
    }
}

void a_purpose_of_any_kind_is_no_session(void**) {
    for (std::string_view purpose :
         {R"("mfa_login")", R"("")", "null", "true", "false", "0", "1.5", "[]", "{}", R"(["mfa_login"])"}) {
        expect_status(token_of("{\"id\":1,\"exp\":1700003600,\"purpose\":" + std::string(purpose) + '}'),
                      Status::not_a_session, purpose);
    }
    expect_status(token_of(R"({"id":1,"exp":1700003600,"\u0070urpose":"x"})"), Status::not_a_session, "escaped");
    expect_status(token_of(R"({"id":1,"exp":1700003600,"Purpose":"x","purposes":"x","x":{"purpose":"x"}})"),
                  Status::valid, "other names");
}

void ids_are_integers_and_strings(void**) {
    static constexpr struct {
        std::string_view id;
        std::optional<std::string_view> text;
    } table[] = {
        {R"("id":1)", "1"},
        {R"("id":0)", "0"},
        {R"("id":-7)", "-7"},
        {R"("id":9223372036854775807)", "9223372036854775807"},
        {R"("id":"1")", "1"},
        {R"("id":"alice")", "alice"},
        {R"("id":"\u00e4 \"\n")", "ä \"\n"},
        {R"("id":1,"sub":2)", "1"},
        {R"("id":1.0)", std::nullopt},
        {R"("id":1e3)", std::nullopt},
        {R"("id":0.5)", std::nullopt},
        {R"("id":99999999999999999999)", std::nullopt},
        {R"("id":"")", std::nullopt},
        {R"("id":true)", std::nullopt},
        {R"("id":false)", std::nullopt},
        {R"("id":null)", std::nullopt},
        {R"("id":{})", std::nullopt},
        {R"("id":{"id":1})", std::nullopt},
        {R"("id":[])", std::nullopt},
        {R"("id":[1])", std::nullopt},
        {R"("ID":1)", std::nullopt},
        {R"("sub":1)", std::nullopt},
    };
    for (const auto& row : table) {
        const std::string token = token_of('{' + std::string(row.id) + R"(,"exp":1700003600})");
        const jwt::Verified verified = jwt::verify(token, std::span(&key(), 1), checks_at());
        expect_equal(verified.status, row.text ? Status::valid : Status::no_user_id, row.id);
        if (row.text) {
            expect_equal(verified.session->user.text, *row.text, row.id);
        } else {
            expect(verified.session == nullptr, "nothing is told of a refused one");
        }
    }
    const auto status_of_long = [](std::size_t size) {
        return verify(token_of("{\"id\":\"" + std::string(size, 'x') + "\",\"exp\":1700003600}"));
    };
    expect_equal(status_of_long(255), Status::valid, "255 bytes");
    expect_equal(status_of_long(256), Status::no_user_id, "256 bytes");
}

void the_id_may_have_another_name(void**) {
    jwt::Checks checks = checks_at();
    checks.user_claim = "sub";
    expect_status(token_of(R"({"sub":"alice","exp":1700003600})"), Status::valid, "sub", checks);
    expect_status(token_of(R"({"id":1,"exp":1700003600})"), Status::no_user_id, "id is no longer one", checks);
}

void payloads_that_are_no_claims_are_refused(void**) {
    for (std::string_view payload :
         std::initializer_list<std::string_view>{"",
                                                 " ",
                                                 "x",
                                                 "null",
                                                 "true",
                                                 "1",
                                                 "[]",
                                                 R"([{"id":1,"exp":1700003600}])",
                                                 R"("{\"id\":1}")",
                                                 "{",
                                                 R"({"id":1,"exp":1700003600)",
                                                 R"({"id":1,"exp":1700003600}})",
                                                 R"({"id":1,"exp":1700003600}{})",
                                                 R"({"id":1,"id":1,"exp":1700003600})",
                                                 R"({"id":1,"id":2,"exp":1700003600})",
                                                 R"({"id":1,"exp":1700003600,"x":{"a":1,"a":1}})",
                                                 R"({"id":1,"exp":1700003600,"x":1,"\u0078":2})",
                                                 R"({"id":"a\u0000b","exp":1700003600})",
                                                 "{\"id\":\"a\0b\",\"exp\":1700003600}"sv,
                                                 "{\"id\":1,\"exp\":1700003600}\0"sv,
                                                 "\0{\"id\":1,\"exp\":1700003600}"sv,
                                                 R"({"id\u0000":1,"exp":1700003600})",
                                                 "{\"id\":\"\xff\",\"exp\":1700003600}",
                                                 "\xef\xbb\xbf{\"id\":1,\"exp\":1700003600}",
                                                 R"({'id':1,'exp':1700003600})",
                                                 R"({"id":1,"exp":1700003600,})",
                                                 R"({"id":1,"exp":1700003600}//)"}) {
        expect_status(token_of(payload), Status::bad_payload, payload);
    }
    expect_status(token_of("\r\n\t {\"exp\":1700003600,\"id\":1} \n"), Status::valid,
                  "white space in JSON is none in base64url");
}

void deep_nesting_is_refused_without_a_crash(void**) {
    jwt::Checks checks = checks_at();
    checks.max_size = 10'000'000;
    for (const std::size_t depth : {100u, 5000u, 1000000u}) {
        for (const char* brackets : {"[]", "{}"}) {
            std::string nested;
            for (std::size_t i = 0; i < depth; ++i) {
                nested += brackets[0];
                nested += brackets[0] == '{' ? "\"a\":" : "";
            }
            nested += '1' + std::string(depth, brackets[1]);
            expect_status(token_of("{\"id\":1,\"exp\":1700003600,\"x\":" + nested + '}'),
                          depth == 100 ? Status::valid : Status::bad_payload, std::to_string(depth), checks);
        }
    }
}

void a_valid_session_tells_all_its_claims(void**) {
    const std::string token = token_of(R"({"id":7,"exp":1700000000.25,"role":"admin","aud":["a","b"]})");
    const jwt::Verified verified = jwt::verify(token, std::span(&key(), 1), checks_at());
    expect_equal(verified.status, Status::valid, "valid");
    expect_equal(verified.session->exp, 1700000000.25, "exp");
    expect_equal(verified.session->user.kind, UserId::Kind::integer, "kind");
    expect_equal(verified.session->claims.member("role").text(), "admin"sv, "role");
    expect_equal(verified.session->claims.member("aud").text(), R"(["a","b"])"sv, "aud");
}

void a_signed_token_says_id_iat_and_exp_and_nothing_more(void**) {
    static const struct {
        UserId user;
        std::string_view claim, payload;
    } table[] = {
        {{UserId::Kind::integer, "42"}, "id", R"({"id":42,"iat":1700000000,"exp":1700000060})"},
        {{UserId::Kind::integer, "-9223372036854775808"},
         "id",
         R"({"id":-9223372036854775808,"iat":1700000000,"exp":1700000060})"},
        {{UserId::Kind::text, "42"}, "id", R"({"id":"42","iat":1700000000,"exp":1700000060})"},
        {{UserId::Kind::text, "a\"\\\n"}, "id", R"({"id":"a\"\\\n","iat":1700000000,"exp":1700000060})"},
        {{UserId::Kind::text, "\",\"role\":\"admin"},
         "sub",
         R"({"sub":"\",\"role\":\"admin","iat":1700000000,"exp":1700000060})"},
        {{UserId::Kind::text, "ä"}, "user\"id", R"({"user\"id":"ä","iat":1700000000,"exp":1700000060})"},
    };
    for (const auto& row : table) {
        const std::string token =
            jwt::sign(jwt::usual_header, jwt::minimal_claims(row.user, row.claim, now, now + 60), key());
        const std::size_t first = token.find('.'), second = token.rfind('.');
        expect_equal(base64url::decode(token.substr(0, first)), usual_header, "header");
        expect_equal(base64url::decode(token.substr(first + 1, second - first - 1)), row.payload, "payload");
        expect_equal(token.substr(second + 1), base64url_of(key().sign(token.substr(0, second))), "signature");
        expect(jwt::contains_jwt(token), token);

        jwt::Checks checks = checks_at(now + 59);
        checks.user_claim = row.claim;
        const jwt::Verified verified = jwt::verify(token, std::span(&key(), 1), checks);
        expect_equal(verified.status, Status::valid, row.payload);
        expect(verified.session->user.kind == row.user.kind && verified.session->user.text == row.user.text,
               "the same user");
        std::size_t claims = 0;
        verified.session->claims.for_each([&](std::string_view, const json::Claim&) { return ++claims != 0; });
        expect_equal(claims, std::size_t{3}, "three claims");
        checks.now = now + 60;
        expect(jwt::verify(token, std::span(&key(), 1), checks).status == Status::expired, "at its end");
        checks.now = now - jwt::iat_leeway - 1;
        expect(jwt::verify(token, std::span(&key(), 1), checks).status == Status::not_yet_valid,
               "long before its beginning");
    }
}

void a_jwt_is_found_anywhere_in_a_text(void**) {
    const std::string unsecured = base64url::encode(R"({"alg":"none"})") + '.' + base64url::encode("{}") + '.';
    const std::string spaced = base64url::encode("{ \"alg\":\"HS256\"}") + ".e30.x";
    static const struct {
        std::string text;
        bool looks;
    } table[] = {
        {token_of(usual_payload), true},
        {token_of("not even JSON"), true},
        {unsecured, true},
        {spaced, true},
        {base64url::encode("{\n\"alg\":\"HS256\"}") + ".e30.x", true},
        {base64url::encode(" \r\n\t{}") + ".e30.x", true},
        {"ew.e.", true},
        {"ew.e.x", true},
        {"Bearer ew.e.x", true},
        {"bEARER ew.e.x", true},
        {" \tBearer ew.e.x\r\n", true},
        {"  ew.e.x ", true},
        {"Bearer+ew.e.x", true},
        {"\"ew.e.x\"", true},
        {"[ew.e.x]", true},
        {"=ew.e.x", true},
        {"v1.ew.e.x", true},
        {".ew.e.x", true},
        {"a.b.c.ew.e.x", true},
        {"ew.e.", true},
        {"", false},
        {".", false},
        {"..", false},
        {"ew", false},
        {"ew.x", false},
        {"ew..x", false},
        {"ew.x.x y", true},
        {"Bearer", false},
        {"Bearer ", false},
        {"Basic ew.e.x", true},
        {base64url::encode("[{}]") + ".e30.x", false},
        {base64url::encode("  ") + ".e30.x", false},
        {".e30.x", false},
        {"e.x.x", false},
        {"ev.x.x", false},
        {"eA.x.x", false},
        {"fy.x.x", false},
        {"ew.x.x.x", true},
        {"ew.x.x=", true},
        {"ew .x.x", false},
        {"ew.x\n.x", false},
        {"ew.x\n", false},
        {"ew.x.\xff", true},
        {"bearer" + base64url::encode(R"({"alg":"HS256"})") + ".e30.x", true},
        {"x" + base64url::encode(R"({ "alg":"HS256"})") + ".e30.x", true},
        {"-" + base64url::encode("{\n\"alg\":\"HS256\" } ") + ".e30.x", true},
        {"JWT_" + base64url::encode(R"({"alg":"HS256"})") + ".e30.x", true},
        {"keyJar.min.js", false},
        {"monkeyJars.min.js", false},
        {"survey-eyAbc.e30.x", false},
        {"a.b.c", false},
        {"1.2.3", false},
        {"www.example.org", false},
        {"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", false},
    };
    for (const auto& row : table) {
        expect_equal(jwt::contains_jwt(row.text), row.looks, row.text);
    }
}

void every_status_has_its_own_sentence(void**) {
    std::set<std::string_view> sentences;
    for (int i = 0; i <= static_cast<int>(Status::no_user_id); ++i) {
        const std::string_view text = jwt::sentence(static_cast<Status>(i));
        expect(!text.empty() && sentences.insert(text).second, text);
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_compared_to_the_second),
        cmocka_unit_test(a_huge_date_does_not_hide_an_integer_id),
        cmocka_unit_test(a_huge_date_does_not_change_an_id),
        cmocka_unit_test(an_expiry_may_be_optional),
        cmocka_unit_test(now_may_be_any_second),
        cmocka_unit_test(a_purpose_of_any_kind_is_no_session),
        cmocka_unit_test(ids_are_integers_and_strings),
        cmocka_unit_test(the_id_may_have_another_name),
        cmocka_unit_test(payloads_that_are_no_claims_are_refused),
        cmocka_unit_test(deep_nesting_is_refused_without_a_crash),
        cmocka_unit_test(a_valid_session_tells_all_its_claims),
        cmocka_unit_test(a_signed_token_says_id_iat_and_exp_and_nothing_more),
        cmocka_unit_test(a_jwt_is_found_anywhere_in_a_text),
        cmocka_unit_test(every_status_has_its_own_sentence),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
