// Claims that a location demands (auth_gate_require).
#include "unit.hpp"

#include <initializer_list>

#include "core/jwt/requirements.hpp"

namespace {

using namespace unit;
using auth_gate::Requirements;
namespace json = auth_gate::json;

Requirements requiring(std::initializer_list<std::string_view> texts) {
    Requirements requirements;
    for (std::string_view text : texts) {
        expect(requirements.add(text), text);
    }
    return requirements;
}

void a_requirement_is_met_or_not(void**) {
    static constexpr struct {
        std::string_view requirement, claims;
        bool met;
    } table[] = {
        {"role=admin", R"({"role":"admin"})", true},
        {"role=admin", R"({"role":"user"})", false},
        {"role=admin", R"({"role":"Admin"})", false},
        {"role=admin", R"({"role":"admin "})", false},
        {"role=admin", R"({"role":"administrator"})", false},
        {"role=admin", R"({"Role":"admin"})", false},
        {"role=admin", R"({})", false},
        {"role=admin", R"({"role":null})", false},
        {"role=admin", R"({"role":{"admin":true}})", false},
        {"role=admin", R"({"role":["user","admin"]})", true},
        {"role=admin", R"({"role":["user"]})", false},
        {"role=admin", R"({"role":[]})", false},
        {"role=admin", R"({"role":[["admin"]]})", false},
        {"role=admin", R"({"role":[null,"admin"]})", true},
        {"role=null", R"({"role":null})", false},
        {"role=null", R"({"role":[null]})", false},
        {"role", R"({"role":"x"})", true},
        {"role", R"({"role":""})", true},
        {"role", R"({"role":false})", true},
        {"role", R"({"role":0})", true},
        {"role", R"({"role":null})", false},
        {"role", R"({})", false},
        {"mfa=true", R"({"mfa":true})", true},
        {"mfa=true", R"({"mfa":"true"})", true},
        {"mfa=true", R"({"mfa":1})", false},
        {"mfa=true", R"({"mfa":false})", false},
        {"level=2", R"({"level":2})", true},
        {"level=2", R"({"level":"2"})", true},
        {"level=2", R"({"level":2.0})", false},
        {"level=2", R"({"level":[1,2]})", true},
        {"q=a=b", R"({"q":"a=b"})", true},
        {"q=a=b", R"({"q":"a"})", false},
        {"aud=https://a.example/ä", R"({"aud":["x","https://a.example/\u00e4"]})", true},
        {"https://a.example/role=admin", R"({"https://a.example/role":"admin"})", true},
        {"realm_access.roles=admin", R"({"realm_access":{"roles":["admin"]}})", true},
        {"realm_access.roles=admin", R"({"realm_access":{"roles":["user"]}})", false},
        {"realm_access.roles", R"({"realm_access":{"roles":[]}})", true},
        {"realm_access.roles", R"({"realm_access":{"roles":null}})", false},
        {"realm_access.roles", R"({"realm_access":{}})", false},
        {"a.b=x", R"({"a.b":"x","a":{"b":"y"}})", true},
        {"a.b=y", R"({"a.b":"x","a":{"b":"y"}})", false},
        {"a.b", R"({"a.b":null,"a":{"b":"y"}})", false},
        {"groups.0=x", R"({"groups":["x","y"]})", true},
        {"groups.0=y", R"({"groups":["x","y"]})", false},
        {"scope=read", R"({"scope":"read write"})", true},
        {"scope=write", R"({"scope":"read write"})", true},
        {"scope=read write", R"({"scope":"read write"})", true},
        {"scope=rea", R"({"scope":"read write"})", false},
        {"scope=read", R"({"scope":"read\twrite"})", false},
        {"scope=read", R"({"scope":["write","read"]})", true},
        {"scope=read", R"({"scope":["read write"]})", false},
        {"scp=read", R"({"scp":" write  read "})", true},
        {"scopes=read", R"({"scopes":"read write"})", false},
        {"Scope=read", R"({"Scope":"read write"})", false},
        {"a.scope=read", R"({"a":{"scope":"read write"}})", false},
        {"role=a|b", R"({"role":"a"})", true},
        {"role=a|b", R"({"role":"b"})", true},
        {"role=a|b", R"({"role":["x","b"]})", true},
        {"role=a|b", R"({"role":"a|b"})", false},
        {"role=a|b", R"({"role":"c"})", false},
        {"role=a|b", R"({"role":""})", false},
        {"scope=a|b", R"({"scope":"c b"})", true},
        {R"(sub=auth0\|7)", R"({"sub":"auth0|7"})", true},
        {R"(sub=auth0\|7)", R"({"sub":"7"})", false},
        {R"(sub=a\b)", R"({"sub":"a\\b"})", true},
        {R"(sub=\|)", R"({"sub":"|"})", true},
    };
    for (const auto& row : table) {
        const auto claims = json::Claims::parse_object(row.claims);
        expect(static_cast<bool>(claims), row.claims);
        expect_equal(requiring({row.requirement}).met_by(claims), row.met,
                     std::string(row.requirement) + " by " + std::string(row.claims));
    }
}

void every_requirement_must_be_met(void**) {
    const Requirements both = requiring({"aud=a", "role"});
    expect(both.met_by(json::Claims::parse_object(R"({"aud":"a","role":"x"})")), "both");
    expect(!both.met_by(json::Claims::parse_object(R"({"aud":"a"})")), "the first alone");
    expect(!both.met_by(json::Claims::parse_object(R"({"role":"x"})")), "the second alone");
    expect(!requiring({"aud=a", "aud=b"}).met_by(json::Claims::parse_object(R"({"aud":"a"})")), "one of two values");
    expect(requiring({"aud=a", "aud=b"}).met_by(json::Claims::parse_object(R"({"aud":["b","a"]})")),
           "two of two values");
}

void no_requirement_is_met_by_anything(void**) {
    const Requirements none;
    expect(none.empty(), "empty");
    expect(none.met_by(json::Claims::parse_object("{}")), "an empty object");
    expect(none.met_by({}), "no claims");
    expect_equal(none.fingerprint(), 0u, "fingerprint");
}

void no_claims_meet_no_requirement(void**) {
    expect(!requiring({"role"}).met_by({}), "no claims");
    expect(!requiring({"role=x"}).met_by(json::Claims::parse_object("[]")), "an array");
}

void the_first_one_that_is_not_met_is_named(void**) {
    const Requirements two = requiring({"aud=a", "role=admin|editor"});
    const auto unmet = [&](std::string_view claims) {
        return std::string(two.unmet_by(json::Claims::parse_object(claims)));
    };
    expect_equal(unmet(R"({"aud":"a","role":"editor"})"), std::string(), "both are met");
    expect_equal(unmet(R"({"aud":"a"})"), std::string("role=admin|editor"), "as it was configured");
    expect_equal(unmet("{}"), std::string("aud=a"), "the first one");
}

void a_requirement_without_a_claim_is_a_mistake(void**) {
    Requirements requirements;
    expect(!requirements.add(""), "nothing");
    expect(!requirements.add("="), "=");
    expect(!requirements.add("=admin"), "=admin");
    expect(!requirements.add("a..b=x"), "no path");
    for (std::string_view text : {"role=", "scope=", "role=a|", "role=|a", "role=a||b", "role=|"}) {
        expect(!requirements.add(text), text);
    }
    expect(requirements.empty(), "and is not kept");
    expect_equal(requirements.fingerprint(), 0u, "nor counted");
}

void a_claim_longer_than_any_that_can_be_found_is_a_mistake(void**) {
    Requirements requirements;
    expect(!requirements.add(std::string(300, 'n')), "and not never met");
}

void fingerprints_tell_requirements_apart(void**) {
    const auto print = [](std::initializer_list<std::string_view> texts) { return requiring(texts).fingerprint(); };
    expect(print({"role"}) != 0, "never the one of none");
    expect_equal(print({"role=admin", "aud=a"}), print({"role=admin", "aud=a"}), "the same for the same");
    const std::uint32_t different[] = {print({"role"}),
                                       print({"role=a"}),
                                       print({"role=admin"}),
                                       print({"role=admin", "aud=a"}),
                                       print({"role=adminaud=a"}),
                                       print({"aud=a"})};
    for (const auto& a : different) {
        for (const auto& b : different) {
            expect(&a == &b || a != b, "different for different ones");
        }
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_requirement_is_met_or_not),
        cmocka_unit_test(every_requirement_must_be_met),
        cmocka_unit_test(no_requirement_is_met_by_anything),
        cmocka_unit_test(no_claims_meet_no_requirement),
        cmocka_unit_test(the_first_one_that_is_not_met_is_named),
        cmocka_unit_test(a_requirement_without_a_claim_is_a_mistake),
        cmocka_unit_test(a_claim_longer_than_any_that_can_be_found_is_a_mistake),
        cmocka_unit_test(fingerprints_tell_requirements_apart),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
