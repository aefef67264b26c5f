// What may be said of an OpenID provider: the file that keeps an administrator's settings, a change of them, the
// answer.
#include "unit.hpp"

#include "core/oidc/provider_settings.hpp"

#include <cstddef>
#include <memory>

namespace {

using namespace unit;
using auth_gate::change_provider_settings;
using auth_gate::merge_settings;
using auth_gate::names_in;
using auth_gate::provider_settings_from_file;
using auth_gate::ProviderSettings;
using auth_gate::ProviderSettingsChange;
using auth_gate::SettingsOfProviders;
using auth_gate::to_answer;
using auth_gate::to_file;

ProviderSettings example() {
    return {
        .issuer = "https://provider.example",
        .client_id = "gate",
        .client_secret = "hush \"quoted\" \\",
        .display_name = "Größe",
        .discovery_url = "https://provider.example/d",
    };
}

void what_is_written_is_read_back(void**) {
    const SettingsOfProviders all = {{"a", example()}, {"b", {}}, {"c", {.display_name = "C"}}};
    for (const SettingsOfProviders& settings : {SettingsOfProviders(), all}) {
        std::string why;
        const auto read = provider_settings_from_file(to_file(settings), why);
        expect(read.has_value(), why);
        expect(*read == settings, to_file(settings));
    }
}

void the_file_is_json_that_a_person_can_read_and_edit(void**) {
    expect_equal(to_file(SettingsOfProviders{{"sso", {.issuer = "https://x", .display_name = "X"}}}),
                 "{\n    \"sso\": {\n        \"issuer\": \"https://x\",\n        \"display_name\": \"X\"\n    }\n}\n"sv,
                 "two settings");
}

void a_damaged_file_is_not_read(void**) {
    static constexpr std::string_view table[] = {
        "",
        "[]",
        R"({"sso":7})",
        R"({"sso":{"issuer":7}})",
        R"({"sso":{"issuer":null}})",
        R"({"sso":{"issuer":"a\nb"}})",
        R"({"sso":{"issuer":"a","issuer":"b"}})",
        R"({"sso":{}} x)",
    };
    for (const std::string_view content : table) {
        std::string why;
        expect(!provider_settings_from_file(content, why).has_value(), std::string(content));
        expect(!why.empty(), std::string(content));
    }
}

void members_with_other_names_are_kept(void**) {
    constexpr std::string_view content =
        R"({"sso":{"note":{"b":[1,null]},"issuer":"https://x","n":1.5},"other":{"secret":"y"}})";
    std::string why;
    auth_gate::OtherMembers others;
    const auto read = provider_settings_from_file(content, why, &others);
    expect(read.has_value(), why);
    expect_equal(read->at("sso").issuer, "https://x"sv, "what is known is read");
    const std::string written = to_file(*read, others);
    auth_gate::OtherMembers again;
    expect(provider_settings_from_file(written, why, &again) == read && again == others, written);
    expect(written.find(R"("note": {"b":[1,null]})") != std::string::npos, written);
    expect(provider_settings_from_file(content, why) == read, "without asking for them");
}

void what_is_unset_is_taken_from_the_next_place(void**) {
    const ProviderSettings both = merge_settings({.issuer = "https://first"}, example());
    expect_equal(both.issuer, "https://first"sv, "set in the first");
    expect_equal(both.client_id, "gate"sv, "set in the second");
}

void a_change_leaves_the_rest_as_it_is(void**) {
    const auto change = change_provider_settings(example(), R"({"client_id":"other","display_name":null,"issuer":""})");
    expect(change.status == ProviderSettingsChange::Status::ok, "a change");
    ProviderSettings wanted = example();
    wanted.client_id = "other";
    wanted.display_name.clear();
    wanted.issuer.clear();
    expect(change.settings == wanted, "only what was named");
}

void an_answer_can_be_sent_back(void**) {
    const auto change = change_provider_settings(example(), to_answer(example(), example()));
    expect(change.status == ProviderSettingsChange::Status::ok, "an answer");
    expect(change.settings == example(), "changes nothing");
}

void what_is_no_change_is_told_apart(void**) {
    using Status = ProviderSettingsChange::Status;
    static const struct {
        std::string body;
        Status status;
        std::string_view member;
    } table[] = {
        {"", Status::invalid_json, ""},
        {"[]", Status::invalid_json, ""},
        {R"({"issuer":"a","issuer":"b"})", Status::invalid_json, ""},
        {R"({"Issuer":"a"})", Status::unknown_member, ""},
        {R"({"issuer":true})", Status::invalid_value, "issuer"},
        {R"({"client_secret":"a\u0000b"})", Status::invalid_json, ""},
        {R"({"client_secret":"a\u007fb"})", Status::invalid_value, "client_secret"},
        {R"({"display_name":")" + std::string(1025, 'x') + "\"}", Status::invalid_value, "display_name"},
        {R"({"display_name":")" + std::string(1024, 'x') + "\"}", Status::ok, ""},
    };
    for (const auto& row : table) {
        const auto change = change_provider_settings({}, row.body);
        expect(change.status == row.status, row.body);
        expect_equal(change.member, row.member, row.body);
    }
}

void an_answer_never_has_the_secret(void**) {
    expect_equal(to_answer(example(), {}),
                 R"({"issuer":"https://provider.example","client_id":"gate","client_secret_set":true,)"
                 R"("display_name":"Größe","discovery_url":"https://provider.example/d"})"sv,
                 "all set");
    expect_equal(to_answer({}, {.client_secret = "x", .discovery_url = "y"}),
                 R"({"issuer":"","client_id":"","client_secret_set":false,"display_name":"","discovery_url":"",)"
                 R"("environment":["client_secret","discovery_url"]})"sv,
                 "from the environment");
    expect_equal(names_in({}), ""sv, "nothing");
}

// Copies of them come and go with every login.
void a_client_secret_does_not_stay_behind(void**) {
    const std::unique_ptr<std::byte[]> memory(new std::byte[sizeof(ProviderSettings)]);
    auto* settings = new (memory.get()) ProviderSettings{.client_secret = "hush"};  // short enough to be within
    expect_equal(names_in(*settings), R"(["client_secret"])"sv, "there is one");
    settings->~ProviderSettings();
    const std::string left(reinterpret_cast<const char*>(memory.get()), sizeof(ProviderSettings));
    expect(left.find("hush") == std::string::npos, "wiped");
}

void what_is_an_applications_is_told_apart(void**) {
    using auth_gate::is_made;
    using auth_gate::other_members;
    const auto change = auth_gate::change_provider_settings({}, R"({"oidc_only":true,"issuer":"https://x"})");
    expect(
        change.status == auth_gate::ProviderSettingsChange::Status::unknown_member && is_made(change) && change.has_own,
        "both");
    expect_equal(change.settings.issuer, "https://x"sv, "ours is changed");
    expect(!auth_gate::change_provider_settings({}, R"({"oidc_only":true,"environment":[]})").has_own, "none of ours");
    expect(!is_made(auth_gate::change_provider_settings({}, R"({"oidc_only":true,"issuer":7})")),
           "an invalid one of ours");
    expect_equal(
        other_members(R"({ "issuer":"a", "oidc_only" : 1.0,"client_secret":"s","client_id":"c","display_name":"d",)"
                      R"("discovery_url":"u","client_secret_set":true,"environment":[]})"),
        R"({ "oidc_only" : 1.0})"sv, "the rest, as it was");
    expect_equal(other_members("{}"), "{}"sv, "nothing");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(the_file_is_json_that_a_person_can_read_and_edit),
        cmocka_unit_test(a_damaged_file_is_not_read),
        cmocka_unit_test(members_with_other_names_are_kept),
        cmocka_unit_test(what_is_unset_is_taken_from_the_next_place),
        cmocka_unit_test(a_change_leaves_the_rest_as_it_is),
        cmocka_unit_test(an_answer_can_be_sent_back),
        cmocka_unit_test(what_is_no_change_is_told_apart),
        cmocka_unit_test(an_answer_never_has_the_secret),
        cmocka_unit_test(a_client_secret_does_not_stay_behind),
        cmocka_unit_test(what_is_an_applications_is_told_apart),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
