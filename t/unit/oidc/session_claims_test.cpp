#include "core/oidc/session_claims.hpp"

#include "core/oidc/session_header.hpp"

#include "core/base/base64url.hpp"
#include "core/jwt/jwt.hpp"

#include "unit.hpp"

namespace {

using namespace unit;
using namespace auth_gate;
using oidc::SessionClaims;

std::optional<std::string> members(const SessionClaims& wanted, std::string_view claims) {
    return wanted.of(json::parse_object(claims).get());
}

void claims_are_named_and_found_by_their_paths(void**) {
    SessionClaims wanted;
    expect(wanted.add("groups", "groups"), "one");
    expect(wanted.add("role", "realm_access.roles.0"), "a path");
    expect(wanted.add("https://example.com/mail", "email"), "any name");
    expect(!wanted.add("Groups", "other"), "a name once, whatever its letter case");

    struct Row {
        std::string_view claims;
        std::string_view members;
    };
    const Row rows[] = {
        {R"({"groups":["a","b"],"realm_access":{"roles":["admin"]}})", R"("groups":["a","b"],"role":"admin")"},
        {R"({"groups":{"a":1.5}})", R"("groups":{"a":1.5})"},
        {R"({"groups":false})", R"("groups":false)"},
        {R"({"groups":"a\nb\"c"})", R"("groups":"a\nb\"c")"},
        {R"({"groups":null})", ""},
        {R"({"Groups":["a"]})", ""},
        {"{}", ""},
        {R"({"email":"a@b","email_verified":true})", R"("https://example.com/mail":"a@b")"},
        {R"({"email":"a@b"})", ""},
        {R"({"email":"a@b","email_verified":false})", ""},
    };
    for (const Row& row : rows) {
        const auto got = members(wanted, row.claims);
        expect(got.has_value(), row.claims);
        expect_equal(*got, row.members, row.claims);
    }
    expect_equal(members(SessionClaims(), R"({"groups":["a"]})").value(), "", "nothing by itself");
}

void they_are_bounded(void**) {
    SessionClaims wanted;
    wanted.add("g", "g");
    const std::size_t rest = std::string_view(R"("g":"")").size();
    const auto claims = [](std::size_t size) { return R"({"g":")" + std::string(size, 'x') + "\"}"; };
    expect(members(wanted, claims(SessionClaims::largest - rest)).has_value(), "as large as may be");
    expect(!members(wanted, claims(SessionClaims::largest - rest + 1)), "larger");
}

void some_names_are_the_sessions_own(void**) {
    for (const std::string_view name :
         {"exp", "iat", "nbf", "purpose", "id", "sub", "ID", "Exp", "", "a\nb", "\xc3\xbc"}) {
        expect(!SessionClaims::may_be_named(name), name);
    }
    for (const std::string_view name : {"groups", "role", "https://example.com/roles", "ids"}) {
        expect(SessionClaims::may_be_named(name), name);
    }
}

void they_stand_behind_the_dates(void**) {
    const UserId user{UserId::Kind::integer, "7"};
    expect_equal(jwt::minimal_claims(user, "id", 1, 2), R"({"id":7,"iat":1,"exp":2})", "without any");
    expect_equal(jwt::minimal_claims(user, "id", 1, 2, R"("g":[1])"), R"({"id":7,"iat":1,"exp":2,"g":[1]})",
                 "with one");
}

void a_header_names_the_provider_that_counts(void**) {
    expect_equal(oidc::provider_in(oidc::session_header("abc", "corp")), "corp", "it comes back");
    expect_equal(oidc::provider_in(oidc::session_header("abc", "")), "", "or none");
    expect_equal(base64url::decode(oidc::session_header("abc", "")).value(),
                 R"({"alg":"HS256","typ":"JWT","sid":"abc"})", "as any header");
    for (const std::string_view header : {R"({"alg":"HS256"})", R"({"alg":"HS256","auth_gate_sso":7})", "x", ""}) {
        expect_equal(oidc::provider_in(base64url::encode(header)), "", header);
    }
    expect_equal(oidc::provider_in(jwt::usual_header), "", "the usual one");
    expect_equal(oidc::provider_in("!"), "", "no base64url");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(claims_are_named_and_found_by_their_paths), cmocka_unit_test(they_are_bounded),
        cmocka_unit_test(some_names_are_the_sessions_own),           cmocka_unit_test(they_stand_behind_the_dates),
        cmocka_unit_test(a_header_names_the_provider_that_counts),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
