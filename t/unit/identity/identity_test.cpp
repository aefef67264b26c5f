// What a JSON document says of a user, at configured places.
#include "unit.hpp"

#include <algorithm>

#include "core/identity/identity.hpp"

namespace {

using namespace unit;
using auth_gate::Identity;
using auth_gate::identity_from;
using auth_gate::IdentityReading;
using auth_gate::IdentityRules;
using auth_gate::UserId;
namespace json = auth_gate::json;

const IdentityRules contract = {.id = "user.id", .role = "user.role", .mfa = "user.mfa_enabled"};
const UserId number_two = {UserId::Kind::integer, "2"};

std::optional<Identity> read(std::string_view document, const IdentityRules& rules = contract,
                             const UserId& user = number_two) {
    const auto value = json::parse(document);
    expect(value != nullptr, document);
    return identity_from(value.get(), rules, user).identity;
}

void the_contracts_document_is_understood(void**) {
    const auto user =
        read(R"({"user":{"id":2,"username":"alice","email":"a@example.org","role":"user","mfa_enabled":false}})");
    expect(user.has_value(), "a user");
    expect(!user->mfa && !user->admin, "without MFA");
    expect_equal(user->role, "user"sv, "role");
    const auto admin = read(R"({"user":{"id":2,"role":"admin","mfa_enabled":true}})");
    expect(admin && admin->mfa && admin->admin, "an administrator");
}

struct Answer {
    std::string_view value;
    std::optional<bool> answer;
};

constexpr Answer answers[] = {
    {"true", true},
    {R"("true")", true},
    {"1", true},
    {R"("1")", true},
    {R"("2024-05-01")", true},
    {R"("2024-05-01 12:30")", true},
    {R"("2024-12-31T23:59:60Z")", true},
    {R"("2024-05-01T12:30:00.000Z")", true},
    {R"("2024-05-01T12:30:00+02:00")", true},
    {R"("2024-05-01T12:30:00.1-0730")", true},
    {"false", false},
    {R"("false")", false},
    {"0", false},
    {R"("0")", false},
    {R"("")", false},
    {"null", false},
    {"[]", false},
    {"[ ]", false},
    {"{}", false},
    {"2", std::nullopt},
    {"-1", std::nullopt},
    {"1.0", std::nullopt},
    {"1714564800", std::nullopt},
    {R"("True")", std::nullopt},
    {R"("yes")", std::nullopt},
    {R"("no")", std::nullopt},
    {R"(" ")", std::nullopt},
    {R"("true ")", std::nullopt},
    {R"("null")", std::nullopt},
    {R"({"a":1})", std::nullopt},
    {"[true]", std::nullopt},
    {"[false]", std::nullopt},
    {"99999999999999999999", std::nullopt},
    {R"("0000-00-00 00:00:00")", std::nullopt},
    {R"("0001-01-01T00:00:00Z")", std::nullopt},
    {R"("1970-01-01T00:00:00Z")", std::nullopt},
    {R"("1999-12-31")", std::nullopt},
    {R"("2024-13-01")", std::nullopt},
    {R"("2024-00-01")", std::nullopt},
    {R"("2024-05-32")", std::nullopt},
    {R"("2024-05-1")", std::nullopt},
    {R"("2024-05-01T")", std::nullopt},
    {R"("2024-05-01T24:00")", std::nullopt},
    {R"("2024-05-01T12:60")", std::nullopt},
    {R"("2024-05-01T12:30:00.Z")", std::nullopt},
    {R"("2024-05-01T12:30:00 GMT")", std::nullopt},
    {R"("2024-05-01x")", std::nullopt},
};

void expect_answer(const std::optional<Identity>& user, bool Identity::*member, const Answer& row) {
    expect_equal(user ? std::optional(*user.*member) : std::nullopt, row.answer, row.value);
}

void yes_and_no_have_many_forms_and_nothing_else_counts(void**) {
    const IdentityRules rules = {.id = "", .role = "r", .mfa = "m", .admin = "a"};
    for (const Answer& row : answers) {
        const std::string value(row.value);
        expect_answer(read(R"({"user":{"id":2,"role":"user","mfa_enabled":)" + value + "}}"), &Identity::mfa, row);
        expect_answer(read(R"({"m":true,"a":)" + value + "}", rules), &Identity::admin, row);
        const auto claims = json::Claims::parse_object(R"({"m":)" + value + "}");
        expect_answer(identity_from(claims, rules).identity, &Identity::mfa, row);
        expect_equal(auth_gate::yes_or_no(claims.member("m")), row.answer, row.value);
    }
    const auto absent = read(R"({"user":{"id":2}})");
    expect(absent && !absent->mfa, "absent");
}

void configured_values_are_what_counts_as_mfa(void**) {
    IdentityRules rules = {.id = "", .role = "r"};
    expect(rules.set_mfa("m:totp,2,true"), "values");
    static constexpr Answer table[] = {
        {R"("totp")", true},
        {"2", true},
        {"true", true},
        {R"("2")", true},
        {R"("sms")", false},
        {R"("TOTP")", false},
        {R"("")", false},
        {"1", false},
        {"false", false},
        {"null", false},
        {"[]", false},
        {"{}", false},
        {R"(["sms","totp"])", true},
        {"[1,2]", true},
        {R"(["sms"])", false},
        {R"([{"name":"totp"}])", true},
        {R"([{"name":"sms"},{"name":"totp","x":1}])", true},
        {R"([{"type":"totp"}])", std::nullopt},
        {R"({"name":"totp"})", std::nullopt},
        {R"([["totp"]])", std::nullopt},
        {"[null]", std::nullopt},
    };
    for (const Answer& row : table) {
        expect_answer(read(R"({"m":)" + std::string(row.value) + "}", rules), &Identity::mfa, row);
    }
    const auto absent = read("{}", rules);
    expect(absent && !absent->mfa, "absent");
}

void roles_are_a_name_or_a_list(void**) {
    IdentityRules rules = {.id = "", .mfa = "m"};
    rules.role = "r";
    expect(rules.set_admin("role:Administrator,global:owner"), "names");
    static constexpr struct {
        std::string_view value;
        std::optional<std::string_view> role;
        bool admin;
    } table[] = {
        {R"("Administrator")", "Administrator", true},
        {R"("global:owner")", "global:owner", true},
        {R"("admin")", "admin", false},
        {R"("administrator")", "administrator", false},
        {R"("global")", "global", false},
        {R"("Administrator,global:owner")", "Administrator,global:owner", false},
        {R"(["user","global:owner"])", "user,global:owner", true},
        {R"([{"name":"user"},{"id":5,"name":"Administrator"}])", "user,Administrator", true},
        {R"([{"name":"user"},"Administrator"])", "user,Administrator", true},
        {R"(["a,Administrator","b"])", "b", false},
        {R"(["aaaaaaaaaaaaaaaaaaaa","bbbbbbbbbbbbbbb","c","Administrator"])", "aaaaaaaaaaaaaaaaaaaa,c", true},
        {"[]", "", false},
        {"null", "", false},
        {R"("")", "", false},
        {"7", std::nullopt, false},
        {"true", std::nullopt, false},
        {R"({"name":"Administrator"})", std::nullopt, false},
        {"{}", std::nullopt, false},
        {"[7]", std::nullopt, false},
        {R"(["Administrator",null])", std::nullopt, false},
        {R"([{"title":"Administrator"}])", std::nullopt, false},
        {R"([["Administrator"]])", std::nullopt, false},
    };
    for (const auto& row : table) {
        const std::string document = R"({"r":)" + std::string(row.value) + "}";
        const auto user = read(document, rules);
        expect_equal(user.has_value(), row.role.has_value(), row.value);
        // Claims may have something else there.
        const auto session = identity_from(json::Claims::parse_object(document), rules).identity;
        expect(session.has_value(), row.value);
        for (const auto& identity : {user, session}) {
            expect_equal(identity ? identity->role : "", row.role.value_or(""), row.value);
            expect_equal(identity && identity->admin, row.admin, row.value);
        }
    }
}

void a_document_is_read_at_any_depth(void**) {
    IdentityRules rules = {.id = "0.id", .role = "0.groups.0.name"};
    expect(rules.set_mfa("0.https://example.com/mfa") && rules.set_admin("0.flags.1"), "paths");
    const auto user =
        read(R"([{"id":2,"groups":[{"name":"a"},{"name":"b"}],"flags":[0,1],"https://example.com/mfa":1}])", rules);
    expect(user && user->mfa && user->admin, "an array of one");
    expect_equal(user->role, "a"sv, "an index");
    expect(!read("[]", rules), "nobody");
}

void what_does_not_fit_is_named_with_its_type(void**) {
    static constexpr struct {
        std::string_view document, misfit;
    } table[] = {
        {"{}", R"("user.id" is absent, and not the id of this user)"},
        {R"({"user":[]})", R"("user.id" is absent, and not the id of this user)"},
        {R"({"user":{"id":3}})", R"("user.id" is a number, and not the id of this user)"},
        {R"({"user":{"id":null}})", R"("user.id" is null, and not the id of this user)"},
        {R"({"user":{"id":2,"mfa_enabled":"secret"}})",
         R"("user.mfa_enabled" is a string, and says neither yes nor no)"},
        {R"({"user":{"id":2,"mfa_enabled":[1]}})", R"("user.mfa_enabled" is an array, and says neither yes nor no)"},
        {R"({"user":{"id":2,"role":{"name":"x"}}})",
         R"("user.role" is an object, expected a name, or a list of names or of objects with a "name")"},
        {R"({"user":{"id":2,"role":true}})",
         R"("user.role" is a boolean, expected a name, or a list of names or of objects with a "name")"},
        {R"({"user":{"id":2}})", ""},
    };
    for (const auto& row : table) {
        const auto document = json::parse(row.document);
        const IdentityReading reading = identity_from(document.get(), contract, number_two);
        expect_equal(reading.misfit, row.misfit, row.document);
        expect_equal(reading.identity.has_value(), row.misfit.empty(), row.document);
    }
}

void mistakes_in_rules_are_refused(void**) {
    for (std::string_view text : {"", "m:", "m:a,", "m:,a", "m:a,,b", ":a", "a..b", "a.:b"}) {
        expect(!IdentityRules().set_mfa(text), "mfa=" + std::string(text));
    }
    for (std::string_view text : {"", "role:", "role:a,", "role:,", "a..b", "user.type:boss"}) {
        expect(!IdentityRules().set_admin(text), "admin=" + std::string(text));
    }
    IdentityRules rules;
    expect(rules.set_mfa("https://example.com/mfa:https://example.com/totp"), "a URL");
    expect_equal(rules.mfa, "https://example.com/mfa"sv, "its path");
    expect_equal(rules.mfa_values.front(), "https://example.com/totp"sv, "its value");
}

void rules_that_differ_have_other_fingerprints(void**) {
    const auto rules = [](std::string_view mfa, std::string_view admin) {
        IdentityRules made = {.id = "i", .role = "r"};
        expect(made.set_mfa(mfa) && made.set_admin(admin), mfa);
        return made.fingerprint();
    };
    const std::string all[] = {rules("m", "a"),      rules("m:a", "a"),      rules("m:a,b", "a"),
                               rules("m", "role:a"), rules("m", "role:a,b"), rules("m:a", "role:b"),
                               rules("m", "r")};
    for (const std::string& a : all) {
        expect_equal(std::count(std::begin(all), std::end(all), a), 1, a);
    }
    expect_equal(rules("m:a", "role:b"), rules("m:a", "role:b"), "the same");
}

void a_role_may_be_absent_or_null(void**) {
    for (std::string_view document :
         {R"({"user":{"id":2,"mfa_enabled":true}})"sv, R"({"user":{"id":2,"mfa_enabled":true,"role":null}})"sv}) {
        const auto user = read(document);
        expect(user && user->mfa && user->role.empty() && !user->admin, document);
    }
}

void another_users_document_is_none(void**) {
    static constexpr struct {
        std::string_view id;
        bool same;
    } table[] = {
        {"2", true},     {R"("2")", true}, {"3", false},   {"22", false},  {"-2", false},
        {"null", false}, {R"("")", false}, {"2.0", false}, {"[2]", false}, {R"(" 2")", false},
    };
    for (const auto& row : table) {
        const auto user = read(R"({"user":{"id":)" + std::string(row.id) + R"(,"mfa_enabled":true}})");
        expect_equal(user.has_value(), row.same, row.id);
    }
}

void an_id_that_is_not_configured_is_not_compared(void**) {
    const IdentityRules rules = {.id = "", .role = "r", .mfa = "m"};
    expect(read(R"({"m":true,"id":5})", rules).has_value(), "no id asked for");
}

void only_admin_to_the_letter_is_an_administrator(void**) {
    for (std::string_view role :
         {"Admin", "ADMIN", "administrator", "admin ", " admin", "admins", "user", "", "superadmin"}) {
        const auto user = read(R"({"user":{"id":2,"mfa_enabled":true,"role":)" + json::quote(role) + "}}");
        expect(user && !user->admin, role);
    }
    const std::string cut = "admin" + std::string(26, ' ');
    const auto user = read(R"({"user":{"id":2,"mfa_enabled":true,"role":)" + json::quote(cut + "x") + "}}");
    expect(user && !user->admin, "a long one");
    expect_equal(user->role.size(), Identity::longest_role, "is cut");
}

void a_role_with_a_nul_is_no_document(void**) {
    expect(json::parse(R"({"user":{"id":2,"mfa_enabled":true,"role":"admin\u0000x"}})") == nullptr, "a NUL");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_contracts_document_is_understood),
        cmocka_unit_test(yes_and_no_have_many_forms_and_nothing_else_counts),
        cmocka_unit_test(configured_values_are_what_counts_as_mfa),
        cmocka_unit_test(roles_are_a_name_or_a_list),
        cmocka_unit_test(a_document_is_read_at_any_depth),
        cmocka_unit_test(what_does_not_fit_is_named_with_its_type),
        cmocka_unit_test(mistakes_in_rules_are_refused),
        cmocka_unit_test(rules_that_differ_have_other_fingerprints),
        cmocka_unit_test(a_role_may_be_absent_or_null),
        cmocka_unit_test(another_users_document_is_none),
        cmocka_unit_test(an_id_that_is_not_configured_is_not_compared),
        cmocka_unit_test(only_admin_to_the_letter_is_an_administrator),
        cmocka_unit_test(a_role_with_a_nul_is_no_document),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
