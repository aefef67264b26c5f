#include "core/oidc/user.hpp"

#include "unit.hpp"

namespace {

using namespace unit;
using namespace auth_gate;
using oidc::UserStatus;

json::Value parsed(std::string_view text) {
    json::Value value = json::parse_object(text);
    expect(value != nullptr, text);
    return value;
}

void the_user_is_a_claim_at_a_path(void**) {
    struct Row {
        std::string_view claims, path;
        UserStatus status;
        std::string_view id = "";
        UserId::Kind kind = UserId::Kind::text;
    };
    const std::string long_id = R"({"sub":")" + std::string(255, 'u') + "\"}",
                      longer_id = R"({"sub":")" + std::string(256, 'u') + "\"}";
    const Row rows[] = {
        {R"({"sub":"a7"})", "sub", UserStatus::ok, "a7"},
        {R"({"sub":"7"})", "sub", UserStatus::ok, "7"},
        {R"({"app":{"user":{"id":7}}})", "app.user.id", UserStatus::ok, "7", UserId::Kind::integer},
        {long_id, "sub", UserStatus::ok, std::string_view(long_id).substr(8, 255)},
        {longer_id, "sub", UserStatus::bad_claim},
        {R"({"sub":""})", "sub", UserStatus::bad_claim},
        {R"({"sub":7.5})", "sub", UserStatus::bad_claim},
        {R"({"sub":true})", "sub", UserStatus::bad_claim},
        {R"({"sub":["a"]})", "sub", UserStatus::bad_claim},
        {R"({"sub":null})", "sub", UserStatus::no_claim},
        {"{}", "sub", UserStatus::no_claim},
        {R"({"app":"x"})", "app.user.id", UserStatus::no_claim},
        {R"({"email":"x@y.example","email_verified":true})", "email", UserStatus::ok, "x@y.example"},
        {R"({"email":"x@y.example","email_verified":"true"})", "email", UserStatus::ok, "x@y.example"},
        {R"({"email":"x@y.example","email_verified":false})", "email", UserStatus::email_not_verified},
        {R"({"email":"x@y.example","email_verified":"false"})", "email", UserStatus::email_not_verified},
        {R"({"email":"x@y.example","email_verified":1})", "email", UserStatus::email_not_verified},
        {R"({"email":"x@y.example","email_verified":null})", "email", UserStatus::email_not_verified},
        {R"({"email":"x@y.example"})", "email", UserStatus::email_not_verified},
        {R"({"email_verified":true})", "email", UserStatus::no_claim},
        {R"({"email":"","email_verified":true})", "email", UserStatus::bad_claim},
    };
    for (const Row& row : rows) {
        const oidc::UserFromClaims got = oidc::user_from_claims(parsed(row.claims).get(), row.path);
        expect(got.status == row.status, std::string(row.claims) + ": " + std::string(sentence(got.status)));
        expect_equal(got.user.text, row.id, row.claims);
        expect(got.status != UserStatus::ok || got.user.kind == row.kind, row.claims);
    }
}

void a_type_may_be_chosen(void**) {
    using Type = oidc::UserIdType;
    struct Row {
        std::string_view text;
        Type type;
        UserStatus status;
        UserId::Kind kind = UserId::Kind::integer;
    };
    const std::string long_id(255, 'u'), longer_id(256, 'u');
    const Row rows[] = {
        {"7", Type::own, UserStatus::ok},
        {"0", Type::own, UserStatus::ok},
        {"9007199254740991", Type::own, UserStatus::ok},
        {"9007199254740992", Type::own, UserStatus::bad_type},
        {"9223372036854775808", Type::own, UserStatus::bad_type},
        {"07", Type::own, UserStatus::ok, UserId::Kind::text},
        {"-7", Type::own, UserStatus::ok, UserId::Kind::text},
        {"7.0", Type::own, UserStatus::ok, UserId::Kind::text},
        {"1e3", Type::own, UserStatus::ok, UserId::Kind::text},
        {long_id, Type::own, UserStatus::ok, UserId::Kind::text},
        {longer_id, Type::own, UserStatus::bad_type},
        {"a\xff", Type::own, UserStatus::bad_type},
        {"", Type::own, UserStatus::no_claim},
        {"", Type::string, UserStatus::no_claim},
        {"7", Type::string, UserStatus::ok, UserId::Kind::text},
        {"a\xff", Type::string, UserStatus::bad_type},
        {"9223372036854775807", Type::integer, UserStatus::ok},
        {"9223372036854775808", Type::integer, UserStatus::bad_type},
        {"07", Type::integer, UserStatus::bad_type},
        {"-7", Type::integer, UserStatus::bad_type},
        {"+7", Type::integer, UserStatus::bad_type},
        {" 7", Type::integer, UserStatus::bad_type},
        {"7 ", Type::integer, UserStatus::bad_type},
        {"1e3", Type::integer, UserStatus::bad_type},
        {"x", Type::integer, UserStatus::bad_type},
    };
    for (const Row& row : rows) {
        const oidc::UserFromClaims got = oidc::user_from_text(row.text, row.type);
        expect(got.status == row.status, row.text);
        expect_equal(got.user.text, row.status == UserStatus::ok ? row.text : "", row.text);
        expect(got.status != UserStatus::ok || got.user.kind == row.kind, row.text);
    }
    const json::Value claims = parsed(R"({"n":7,"s":"7"})");
    expect(oidc::user_from_claims(claims.get(), "n", Type::string).user.kind == UserId::Kind::text, "of a claim, too");
    expect(oidc::user_from_claims(claims.get(), "s", Type::integer).user.kind == UserId::Kind::integer, "both ways");
}

void a_claim_is_a_text(void**) {
    struct Row {
        std::string_view claims, name;
        std::optional<std::string_view> text;
    };
    const Row rows[] = {
        {R"({"name":"A"})", "name", "A"},
        {R"({"Name":"A"})", "name", "A"},
        {R"({"Name":"A","name":"b"})", "name", "b"},
        {R"({"n":7})", "n", "7"},
        {R"({"g":["a",{"b":1}]})", "g", R"(["a",{"b":1}])"},
        {R"({"g":["a\nb"]})", "g", R"(["a\nb"])"},
        {R"({"name":null})", "name", std::nullopt},
        {"{}", "name", std::nullopt},
        {R"({"name":"a\r\nX: 1"})", "name", std::nullopt},
        {R"({"name":"a\u007f"})", "name", std::nullopt},
        {R"({"name":""})", "name", ""},
        {R"({"email":"a@b","email_verified":true})", "email", "a@b"},
        {R"({"email":"a@b","email_verified":true})", "EMAIL", "a@b"},
        {R"({"email":"a@b"})", "email", std::nullopt},
        {R"({"email":"a@b","email_verified":false})", "email", std::nullopt},
        {R"({"EMAIL":"a@b","email_verified":true})", "email", std::nullopt},
        {R"({"EMAIL":"evil@b","email":"a@b","email_verified":true})", "email", "a@b"},
        {R"({"email":["a@b"],"email_verified":true})", "email", std::nullopt},
    };
    for (const Row& row : rows) {
        expect(oidc::claim_text(parsed(row.claims).get(), row.name) == row.text, row.claims);
    }
    expect(!oidc::claim_text(nullptr, "name"), "no claims");
}

void an_answer_is_about_one_user(void**) {
    struct Row {
        std::string_view path, body, id, error;
        bool one = true;
    };
    const Row rows[] = {
        {"0.id", R"([{"id":7}])", "7", ""},
        {"0.id", R"([{"id":7},{"id":8}])", "", "server_error", false},
        {"0.id", "[]", "", "registration_disabled"},
        {"0.id", R"([{"name":"x"}])", "", "server_error"},
        {"0.id", R"({"id":7})", "", "server_error"},
        {"0", "[7]", "7", ""},
        {"1.id", R"([{"id":7},{"id":8}])", "", "server_error", false},
        {"data.0.id", R"({"data":[{"id":"u"}],"meta":[1,2]})", "u", ""},
        {"data.0.id", R"({"data":[{"id":"u"},{}]})", "", "server_error", false},
        {"data.0.id", R"({"data":[]})", "", "registration_disabled"},
        {"user.id", R"({"user":{"id":7}})", "7", ""},
        {"user.id", R"({"user":null})", "", "server_error"},
        {"id", R"(7)", "", "server_error"},
        {"0.id", R"([{"id":7}] x)", "", "server_error"},
    };
    for (const Row& row : rows) {
        const oidc::ApplicationAnswer got = oidc::parse_application_answer(200, row.body, row.path);
        expect_equal(got.user ? got.user->text : "", row.id, row.body);
        expect_equal(got.error, row.error, row.body);
        expect_equal(got.is_about_one, row.one, row.body);
    }
}

void only_silence_about_an_address_is_taken_for_a_yes(void**) {
    struct Row {
        std::string_view claims;
        bool before, after;
    };
    const Row rows[] = {
        {R"({"email":"a@b"})", false, true},
        {R"({"email":"a@b","email_verified":true})", true, true},
        {R"({"email":"a@b","email_verified":"true"})", true, true},
        {R"({"email":"a@b","email_verified":false})", false, false},
        {R"({"email":"a@b","email_verified":"false"})", false, false},
        {R"({"email":"a@b","email_verified":null})", false, false},
        {R"({"email":"a@b","email_verified":0})", false, false},
        {R"({"email_verified":true})", false, false},
        {R"({"sub":"a"})", false, false},
    };
    for (const Row& row : rows) {
        const json::Value claims = parsed(row.claims);
        expect_equal(oidc::has_verified_email(claims.get()), row.before, row.claims);
        oidc::assume_email_verified(claims.get());
        expect_equal(oidc::has_verified_email(claims.get()), row.after, row.claims);
    }
}

void the_application_is_asked_with_the_claims(void**) {
    struct Row {
        std::string_view claims, invite, body;
    };
    const Row rows[] = {
        {R"({"iss":"i","sub":"a","nonce":"n","at_hash":"h","c_hash":"h","groups":["x"]})", "",
         R"({"iss":"i","sub":"a","groups":["x"]})"},
        {R"({"sub":"a"})", "in\"vite", R"({"sub":"a","invite":"in\"vite"})"},
        {R"({"sub":"a","invite":"the provider's"})", "", R"({"sub":"a"})"},
        {R"({"sub":"a","invite":"the provider's"})", "ours", R"({"sub":"a","invite":"ours"})"},
        {R"({"sub":"a"})", "\xff\xfe", R"({"sub":"a"})"},
    };
    for (const Row& row : rows) {
        const json::Value claims = parsed(row.claims);
        expect_equal(oidc::application_query(claims.get(), row.invite), row.body, row.claims);
        expect(json_equal(claims.get(), parsed(row.claims).get()) == 1, "the claims stay as they are");
    }
}

void the_application_answers_with_an_id_or_an_error(void**) {
    struct Row {
        unsigned status;
        std::string_view body, id, error;
    };
    const Row rows[] = {
        {200, R"({"id":7})", "7", ""},
        {201, R"({"id":"u-7","role":"admin"})", "u-7", ""},
        {200, R"({"id":""})", "", "server_error"},
        {200, R"({"id":null})", "", "server_error"},
        {200, R"({"id":1.5})", "", "server_error"},
        {200, R"({"user":{"id":7}})", "", "server_error"},
        {200, "", "", "server_error"},
        {200, "7", "", "server_error"},
        {200, R"({"error":"registration_disabled"})", "", "server_error"},
        {204, "", "", "server_error"},
        {302, R"({"id":7})", "", "server_error"},
        {403, R"({"error":"registration_disabled"})", "", "registration_disabled"},
        {403, R"({"code":"NO_SEATS","error":"There are no seats left"})", "", "NO_SEATS"},
        {403, R"({"code":"not a code","error":"no_seats"})", "", "no_seats"},
        {403, R"({"error":"There are no seats left"})", "", "server_error"},
        {403, R"({"error":{"code":"x"}})", "", "server_error"},
        {403, R"({"id":7})", "", "server_error"},
        {404, "<html>", "", "server_error"},
        {500, R"({"error":"registration_disabled"})", "", "server_error"},
        {500, R"({"id":7})", "", "server_error"},
        {100, R"({"id":7})", "", "server_error"},
        {0, "", "", "server_error"},
    };
    for (const Row& row : rows) {
        const oidc::ApplicationAnswer got = oidc::parse_application_answer(row.status, row.body);
        const std::string what = std::to_string(row.status) + ' ' + std::string(row.body);
        expect_equal(got.user ? got.user->text : "", row.id, what);
        expect_equal(got.error, row.error, what);
        expect_equal(got.user.has_value(), row.error.empty(), what);
    }
}

void only_what_is_trusted_counts_as_a_second_factor(void**) {
    const oidc::MfaTrust nothing, methods{{"mfa", "hwk"}, {}}, level{{}, {"urn:loa:2", "phr"}}, both{{"mfa"}, {"phr"}};
    struct Row {
        std::string_view claims;
        bool by_methods, by_level, by_both;
    };
    const Row rows[] = {
        {R"({"amr":["pwd","mfa"]})", true, false, true},
        {R"({"amr":["hwk"]})", true, false, false},
        {R"({"amr":["pwd"]})", false, false, false},
        {R"({"amr":[]})", false, false, false},
        {R"({"amr":["MFA","mfa "]})", false, false, false},
        {R"({"amr":"mfa"})", true, false, true},
        {R"({"amr":"pwd mfa"})", false, false, false},
        {R"({"amr":""})", false, false, false},
        {R"({"amr":{"mfa":1}})", false, false, false},
        {R"({"amr":[["mfa"],7,null]})", false, false, false},
        {R"({"acr":"phr"})", false, true, true},
        {R"({"acr":"urn:loa:2"})", false, true, false},
        {R"({"acr":"phrh"})", false, false, false},
        {R"({"acr":["phr"]})", false, false, false},
        {R"({"acr":""})", false, false, false},
        {R"({"acr":"mfa"})", false, false, false},
        {R"({"amr":["phr"]})", false, false, false},
        {"{}", false, false, false},
        {R"({"amr":["pwd"],"acr":"phr"})", false, true, true},
    };
    for (const Row& row : rows) {
        const json::Value claims = parsed(row.claims);
        expect(!nothing.met_by(claims.get()), row.claims);
        expect_equal(methods.met_by(claims.get()), row.by_methods, row.claims);
        expect_equal(level.met_by(claims.get()), row.by_level, row.claims);
        expect_equal(both.met_by(claims.get()), row.by_both, row.claims);
    }
    expect(!methods.met_by(nullptr), "no claims");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_user_is_a_claim_at_a_path),
        cmocka_unit_test(a_type_may_be_chosen),
        cmocka_unit_test(a_claim_is_a_text),
        cmocka_unit_test(an_answer_is_about_one_user),
        cmocka_unit_test(only_silence_about_an_address_is_taken_for_a_yes),
        cmocka_unit_test(the_application_is_asked_with_the_claims),
        cmocka_unit_test(the_application_answers_with_an_id_or_an_error),
        cmocka_unit_test(only_what_is_trusted_counts_as_a_second_factor),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
