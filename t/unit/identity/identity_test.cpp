// What a JSON document says of a user, at configured places.
#include "unit.hpp"

#include "core/identity/identity.hpp"

namespace {

using namespace unit;
using auth_gate::at_path;
using auth_gate::Identity;
using auth_gate::identity_from;
using auth_gate::IdentityPaths;
using auth_gate::UserId;
namespace json = auth_gate::json;

const IdentityPaths contract = {"user.id", "user.role", "user.mfa_enabled"};
const UserId number_two = {UserId::Kind::integer, "2"};

std::optional<Identity> read(std::string_view document, const IdentityPaths& paths = contract,
                             const UserId& user = number_two) {
    const auto value = json::parse(document);
    expect(value != nullptr, document);
    return identity_from(value.get(), paths, user);
}

void a_path_leads_through_objects_by_name(void**) {
    const auto document = json::parse(R"({"a":{"b":{"c":1}},"x.y":2,"":{"":3},"n":null,"l":[{"a":1}],"s":"text"})");
    static constexpr struct {
        std::string_view path, value;
    } table[] = {
        {"a.b.c", "1"},  {"a.b", R"({"c":1})"}, {".", "3"},  {"s", "text"}, {"x.y", ""}, {"a.c", ""},
        {"a.b.c.d", ""}, {"l.a", ""},           {"l.0", ""}, {"s.x", ""},   {"n.x", ""}, {"a.", ""},
        {".a", ""},      {"missing", ""},       {"A", ""},
    };
    for (const auto& row : table) {
        const auto text = json::text(at_path(document.get(), row.path));
        expect_equal(text.value_or(""), row.value, row.path);
    }
    expect(at_path(nullptr, "a") == nullptr, "no document");
}

void the_contracts_document_is_understood(void**) {
    const auto user =
        read(R"({"user":{"id":2,"username":"alice","email":"a@example.org","role":"user","mfa_enabled":false}})");
    expect(user.has_value(), "a user");
    expect(!user->mfa && !user->is_admin(), "without MFA");
    expect_equal(user->role, "user"sv, "role");
    const auto admin = read(R"({"user":{"id":2,"role":"admin","mfa_enabled":true}})");
    expect(admin && admin->mfa && admin->is_admin(), "an administrator");
}

void mfa_is_true_or_false_or_one_or_zero_and_nothing_else(void**) {
    static constexpr struct {
        std::string_view value;
        std::optional<bool> mfa;
    } table[] = {
        {"true", true},
        {"false", false},
        {"1", true},
        {"0", false},
        {"2", std::nullopt},
        {"-1", std::nullopt},
        {"1.0", std::nullopt},
        {R"("true")", std::nullopt},
        {R"("1")", std::nullopt},
        {"null", std::nullopt},
        {"{}", std::nullopt},
        {"[true]", std::nullopt},
        {"99999999999999999999", std::nullopt},
    };
    for (const auto& row : table) {
        const auto user = read(R"({"user":{"id":2,"role":"user","mfa_enabled":)" + std::string(row.value) + "}}");
        expect_equal(user ? std::optional(user->mfa) : std::nullopt, row.mfa, row.value);
    }
}

void a_document_without_what_is_configured_is_none(void**) {
    for (std::string_view document :
         {"{}"sv, R"({"user":null})"sv, R"({"user":[]})"sv, R"({"user":{"id":2,"role":"user"}})"sv,
          R"({"user":{"role":"user","mfa_enabled":true}})"sv, R"({"id":2,"mfa_enabled":true})"sv,
          R"({"user":{"id":2,"mfa_enabled":true,"role":7}})"sv,
          R"({"user":{"id":2,"mfa_enabled":true,"role":["admin"]}})"sv,
          R"({"user":{"id":2,"mfa_enabled":true,"role":true}})"sv, "[]"sv, "true"sv}) {
        expect(!read(document), document);
    }
}

void a_role_may_be_absent_or_null(void**) {
    for (std::string_view document :
         {R"({"user":{"id":2,"mfa_enabled":true}})"sv, R"({"user":{"id":2,"mfa_enabled":true,"role":null}})"sv}) {
        const auto user = read(document);
        expect(user && user->mfa && user->role.empty() && !user->is_admin(), document);
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
    const IdentityPaths paths = {"", "r", "m"};
    expect(read(R"({"m":true,"id":5})", paths).has_value(), "no id asked for");
}

void only_admin_to_the_letter_is_an_administrator(void**) {
    for (std::string_view role :
         {"Admin", "ADMIN", "administrator", "admin ", " admin", "admins", "user", "", "superadmin"}) {
        const auto user = read(R"({"user":{"id":2,"mfa_enabled":true,"role":)" + json::quote(role) + "}}");
        expect(user && !user->is_admin(), role);
    }
    const std::string cut = "admin" + std::string(26, ' ');
    const auto user = read(R"({"user":{"id":2,"mfa_enabled":true,"role":)" + json::quote(cut + "x") + "}}");
    expect(user && !user->is_admin(), "a long one");
    expect_equal(user->role.size(), Identity::longest_role, "is cut");
}

void a_role_with_a_nul_is_no_document(void**) {
    expect(json::parse(R"({"user":{"id":2,"mfa_enabled":true,"role":"admin\u0000x"}})") == nullptr, "a NUL");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_path_leads_through_objects_by_name),
        cmocka_unit_test(the_contracts_document_is_understood),
        cmocka_unit_test(mfa_is_true_or_false_or_one_or_zero_and_nothing_else),
        cmocka_unit_test(a_document_without_what_is_configured_is_none),
        cmocka_unit_test(a_role_may_be_absent_or_null),
        cmocka_unit_test(another_users_document_is_none),
        cmocka_unit_test(an_id_that_is_not_configured_is_not_compared),
        cmocka_unit_test(only_admin_to_the_letter_is_an_administrator),
        cmocka_unit_test(a_role_with_a_nul_is_no_document),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
