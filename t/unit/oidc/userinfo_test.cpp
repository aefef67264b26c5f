#include "core/oidc/userinfo.hpp"

#include "oidc/kit.hpp"

namespace {

using namespace unit;
using oidc::Algorithm;
using oidc::UserinfoStatus;

const oidc::KeySet& keys() {
    static const oidc::KeySet set = key_set({SigningKey::ed25519().jwk(R"("kid":"d")")});
    return set;
}

oidc::UserinfoChecks checks() {
    return {.keys = keys(), .issuer = "https://id.example", .client_id = "gate", .now = 1700000000, .leeway = 0};
}

json::Value parsed(std::string_view text) {
    json::Value value = json::parse_object(text);
    expect(value != nullptr, text);
    return value;
}

void userinfo_adds_what_the_id_token_lacks(void**) {
    struct Row {
        std::string_view id_token, userinfo, merged;
    };
    const Row rows[] = {
        {R"({"sub":"a","iss":"i"})", R"({"sub":"a","name":"A","iss":"other"})", R"({"sub":"a","iss":"i","name":"A"})"},
        {R"({"sub":"a"})", R"({"sub":"a","email":"x@y","email_verified":true})",
         R"({"sub":"a","email":"x@y","email_verified":true})"},
        {R"({"sub":"a"})", R"( {"sub":"a","zone":"one.dot.more"})", R"({"sub":"a","zone":"one.dot.more"})"},
        // An address and the word that it is verified never come from two documents.
        {R"({"sub":"a","email_verified":true})", R"({"sub":"a","email":"x@y"})", R"({"sub":"a","email":"x@y"})"},
        {R"({"sub":"a","email":"x@y"})", R"({"sub":"a","email":"z@y","email_verified":true})",
         R"({"sub":"a","email":"x@y"})"},
        // A "no" is for all that have none of their own.
        {R"({"sub":"a","email":"x@y"})", R"({"sub":"a","email_verified":false})",
         R"({"sub":"a","email":"x@y","email_verified":false})"},
        {R"({"sub":"a","email_verified":"false"})", R"({"sub":"a","email":"x@y"})",
         R"({"sub":"a","email":"x@y","email_verified":"false"})"},
        {R"({"sub":"a","email_verified":false})", R"({"sub":"a","email":"x@y","email_verified":true})",
         R"({"sub":"a","email":"x@y","email_verified":true})"},
        {R"({"sub":"a","email":"x@y","email_verified":false})", R"({"sub":"a","email":"x@y","email_verified":true})",
         R"({"sub":"a","email":"x@y","email_verified":false})"},
    };
    for (const Row& row : rows) {
        const json::Value before = parsed(row.id_token);
        const oidc::Userinfo got = oidc::with_userinfo(before.get(), row.userinfo, checks());
        expect(got.status == UserinfoStatus::ok, row.userinfo);
        expect(json_equal(got.claims.get(), parsed(row.merged).get()) == 1, json::text(got.claims.get()).value_or(""));
        expect(json_equal(before.get(), parsed(row.id_token).get()) == 1, "the id_token's claims stay as they are");
    }
}

void a_number_is_the_subject_of_its_digits(void**) {
    for (const auto& [id_token, userinfo] :
         {std::pair(R"({"sub":7})", R"({"sub":"7"})"), std::pair(R"({"sub":"7"})", R"({"sub":7})"),
          std::pair(R"({"sub":7})", R"({"sub":7})")}) {
        expect(oidc::with_userinfo(parsed(id_token).get(), userinfo, checks()).status == UserinfoStatus::ok, userinfo);
    }
}

void userinfo_of_another_person_is_refused(void**) {
    struct Row {
        std::string_view body;
        UserinfoStatus status;
    };
    const Row rows[] = {
        {R"({"sub":"b"})", UserinfoStatus::subject_mismatch},
        {R"({"sub":"A"})", UserinfoStatus::subject_mismatch},
        {R"({"sub":""})", UserinfoStatus::no_subject},
        {R"({"sub":"a "})", UserinfoStatus::subject_mismatch},
        {R"({"sub":7})", UserinfoStatus::subject_mismatch},
        {R"({"sub":7.5})", UserinfoStatus::no_subject},
        {R"({"name":"A"})", UserinfoStatus::no_subject},
        {R"({"sub":null})", UserinfoStatus::no_subject},
        {"", UserinfoStatus::not_json},
        {"<html>", UserinfoStatus::not_json},
        {"[]", UserinfoStatus::not_json},
        {"a.b", UserinfoStatus::not_json},
        {"a.b.c", UserinfoStatus::bad_token},
        {"eyJhbGciOiJub25lIn0.e30.", UserinfoStatus::bad_token},
        {"eyJhbGciOiJSUzI1NiJ9.e30.c2ln", UserinfoStatus::wrong_key},
    };
    const json::Value claims = parsed(R"({"sub":"a"})");
    for (const Row& row : rows) {
        const oidc::Userinfo got = oidc::with_userinfo(claims.get(), row.body, checks());
        expect(got.status == row.status && got.claims == nullptr, row.body);
    }
    expect(
        oidc::with_userinfo(parsed("{}").get(), R"({"sub":"a"})", checks()).status == UserinfoStatus::subject_mismatch,
        "no sub to compare with");
}

void a_signed_answer_is_held_to_what_it_says_of_itself(void**) {
    struct Row {
        std::string_view payload;
        UserinfoStatus status;
    };
    const Row rows[] = {
        {R"({"sub":"a","name":"A"})", UserinfoStatus::ok},
        {R"({"sub":"a","name":"A","iss":"https://id.example/","aud":"gate"})", UserinfoStatus::ok},
        {R"({"sub":"a","name":"A","aud":["x","gate"],"exp":1700000001,"nbf":1700000000})", UserinfoStatus::ok},
        {R"({"sub":"a","iss":"https://id.example/other"})", UserinfoStatus::wrong_party},
        {R"({"sub":"a","iss":7})", UserinfoStatus::wrong_party},
        {R"({"sub":"a","aud":"other"})", UserinfoStatus::wrong_party},
        {R"({"sub":"a","aud":null})", UserinfoStatus::wrong_party},
        {R"({"sub":"a","exp":1700000000})", UserinfoStatus::wrong_time},
        {R"({"sub":"a","exp":"never"})", UserinfoStatus::wrong_time},
        {R"({"sub":"a","nbf":1700000001})", UserinfoStatus::wrong_time},
        {R"({"sub":"b"})", UserinfoStatus::subject_mismatch},
        {"{}", UserinfoStatus::no_subject},
        {"[]", UserinfoStatus::bad_token},
    };
    const json::Value claims = parsed(R"({"sub":"a"})");
    for (const Row& row : rows) {
        const std::string token =
            jws(SigningKey::ed25519(), Algorithm::eddsa, R"({"alg":"EdDSA","kid":"d"})", row.payload);
        const oidc::Userinfo got = oidc::with_userinfo(claims.get(), token + '\n', checks());
        expect(got.status == row.status, std::string(row.payload) + ": " + std::string(sentence(got.status)));
        expect_equal(json::string(json::member(got.claims.get(), "name")).value_or(""),
                     row.status == UserinfoStatus::ok ? "A" : "", row.payload);
    }
    const std::string other =
        jws(SigningKey::rsa(), Algorithm::rs256, R"({"alg":"RS256","kid":"d"})", R"({"sub":"a"})");
    expect(oidc::with_userinfo(claims.get(), other, checks()).status == UserinfoStatus::wrong_key, "another's key");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(userinfo_adds_what_the_id_token_lacks),
        cmocka_unit_test(a_number_is_the_subject_of_its_digits),
        cmocka_unit_test(userinfo_of_another_person_is_refused),
        cmocka_unit_test(a_signed_answer_is_held_to_what_it_says_of_itself),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
