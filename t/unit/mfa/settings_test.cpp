// The settings: the file that keeps them, and the PUT that changes them.
#include "unit.hpp"

#include "core/mfa/settings.hpp"

namespace {

using namespace unit;
using auth_gate::changed_file;
using auth_gate::from_file;
using auth_gate::parse_change;
using auth_gate::Settings;
using auth_gate::SettingsChange;
using auth_gate::to_file;
using auth_gate::unknown_member;

void what_is_written_is_read_back(void**) {
    for (bool on : {false, true}) {
        std::string why;
        const auto settings = from_file(to_file({.require_mfa = on}), why);
        expect(settings.has_value(), why);
        expect_equal(settings->require_mfa, on, to_file({.require_mfa = on}));
    }
}

void the_file_is_json_that_a_person_can_read_and_edit(void**) {
    expect_equal(to_file({.require_mfa = true}), "{\n    \"require_mfa\": true\n}\n"sv, "on");
    expect_equal(to_file({.require_mfa = false}), "{\n    \"require_mfa\": false\n}\n"sv, "off");
}

void an_edited_file_is_read(void**) {
    static constexpr struct {
        std::string_view content;
        bool on;
    } table[] = {
        {"{}", false},
        {"{ }\n", false},
        {R"({"require_mfa":false})", false},
        {R"({"require_mfa":true})", true},
        {R"({"require_mfa":"true"})", true},
        {R"({"require_mfa":"false"})", false},
        {"\r\n{\r\n\t\"require_mfa\" : false\r\n}\r\n\r\n", false},
        {R"({"require\u005fmfa":true})", true},
    };
    for (const auto& row : table) {
        std::string why;
        const auto settings = from_file(row.content, why);
        expect(settings.has_value(), std::string(row.content) + ": " + why);
        expect_equal(settings->require_mfa, row.on, row.content);
    }
}

void a_damaged_file_is_refused_and_says_why(void**) {
    static constexpr struct {
        std::string_view content, why;
    } table[] = {
        {"", "not a JSON object"},
        {"\n", "not a JSON object"},
        {"{", "not a JSON object"},
        {R"({"require_mfa":true)", "not a JSON object"},
        {R"({"require_mfa":true,})", "not a JSON object"},
        {R"({"require_mfa":true}})", "not a JSON object"},
        {R"({"require_mfa":true} x)", "not a JSON object"},
        {R"({"require_mfa":true,"require_mfa":false})", "not a JSON object"},
        {"true", "not a JSON object"},
        {"[]", "not a JSON object"},
        {"null", "not a JSON object"},
        {"{'require_mfa':true}", "not a JSON object"},
        {"{\"require_mfa\":true}\0"sv, "not a JSON object"},
        {"\0\0\0\0\0\0\0\0"sv, "not a JSON object"},
        {R"({"require_mfa":1})", "neither true nor false"},
        {R"({"require_mfa":null})", "neither true nor false"},
        {R"({"require_mfa":"TRUE"})", "neither true nor false"},
        {R"({"require_mfa":""})", "neither true nor false"},
        {R"({"require_mfa":{}})", "neither true nor false"},
        {R"({"require_mfa":[true]})", "neither true nor false"},
    };
    for (const auto& row : table) {
        std::string why;
        expect(!from_file(row.content, why), row.content);
        expect(why.find(row.why) != std::string::npos, std::string(row.content) + ": " + why);
    }
}

void only_true_and_false_and_the_same_as_text_are_values(void**) {
    static constexpr struct {
        std::string_view value;
        std::optional<bool> on;
    } table[] = {
        {"true", true},
        {"false", false},
        {R"("true")", true},
        {R"("false")", false},
        {"1", std::nullopt},
        {"0", std::nullopt},
        {"null", std::nullopt},
        {R"("TRUE")", std::nullopt},
        {R"("True")", std::nullopt},
        {R"("1")", std::nullopt},
        {R"("")", std::nullopt},
        {R"("on")", std::nullopt},
        {R"(" true")", std::nullopt},
        {R"("true ")", std::nullopt},
        {R"("true\u0000")", std::nullopt},
        {"{}", std::nullopt},
        {"[true]", std::nullopt},
        {"1.0", std::nullopt},
        {"-1", std::nullopt},
    };
    for (const auto& row : table) {
        const std::string body = R"({"require_mfa":)" + std::string(row.value) + "}";
        const SettingsChange change = parse_change(body);
        if (change.status == SettingsChange::Status::invalid_json) {
            expect(row.value.find("\\u0000") != std::string_view::npos, body);
            continue;
        }
        expect_equal(change.status, row.on ? SettingsChange::Status::ok : SettingsChange::Status::invalid_value, body);
        expect_equal(change.require_mfa, row.on, body);
        expect(!change.has_others, body);
    }
}

void an_application_may_have_a_switch_of_its_own(void**) {
    using auth_gate::OwnSwitch;
    struct Row {
        unsigned status;
        std::string_view body;
        bool is_other_text;
        OwnSwitch own;
    };
    const Row rows[] = {
        {200, R"({"require_mfa":"false","a":1})", false, OwnSwitch::there},
        {200, R"({"require_mfa":null})", true, OwnSwitch::there},
        {201, R"({"require_mfa":true})", false, OwnSwitch::there},
        {200, R"({"a":{"require_mfa":true}})", false, OwnSwitch::none},
        {200, "{}", false, OwnSwitch::none},
        {200, "[1]", false, OwnSwitch::none},
        {200, "", false, OwnSwitch::none},
        {204, "", false, OwnSwitch::none},
        {200, "<html>", true, OwnSwitch::none},
        {200, R"({"require_mfa":tr)", false, OwnSwitch::unknown},
        {200, "\x1f\x8b", false, OwnSwitch::unknown},
        {404, "", true, OwnSwitch::none},
        {405, R"({"require_mfa":true})", false, OwnSwitch::none},
        {400, "", true, OwnSwitch::none},
        {410, "", true, OwnSwitch::none},
        {429, "", true, OwnSwitch::unknown},
        {501, "", true, OwnSwitch::none},
        {0, "", true, OwnSwitch::unknown},
        {302, "", true, OwnSwitch::unknown},
        {401, "", true, OwnSwitch::unknown},
        {403, R"({"require_mfa":true})", false, OwnSwitch::unknown},
        {500, "{}", false, OwnSwitch::unknown},
        {503, "", true, OwnSwitch::unknown},
    };
    for (const Row& row : rows) {
        expect(auth_gate::own_switch(row.status, row.body, row.is_other_text) == row.own,
               std::to_string(row.status) + " " + std::string(row.body));
    }
    for (const std::string_view on : {"true", R"("true")", "1", R"("1")"}) {
        expect(auth_gate::says_own_policy_is_on(R"({"a":1,"require_mfa":)" + std::string(on) + "}"), on);
    }
    for (const std::string_view off : {"false", R"("false")", "0", "null", R"("")", R"("maybe")", "[true]"}) {
        expect(!auth_gate::says_own_policy_is_on(R"({"require_mfa":)" + std::string(off) + "}"), off);
    }
    expect(!auth_gate::says_own_policy_is_on("[]"), "no object");
}

void what_is_no_json_object_is_no_change(void**) {
    for (std::string_view body : {""sv, " "sv, "{"sv, "[]"sv, "true"sv, "\"require_mfa\""sv, "require_mfa=true"sv,
                                  R"({"require_mfa":true}{})"sv, R"({"require_mfa":true,"require_mfa":false})"sv,
                                  R"({"a":1,"a":2})"sv, "{\"a\":\"\xff\"}"sv, R"({"require_mfa":tru})"sv}) {
        const SettingsChange change = parse_change(body);
        expect_equal(change.status, SettingsChange::Status::invalid_json, body);
        expect(!change.require_mfa, body);
        expect(!change.has_others, body);
    }
}

void what_is_not_ours_is_kept_apart(void**) {
    const SettingsChange change =
        parse_change(R"({"b":[1,{"c":null}],"require_mfa":"true","Require_mfa":2,"a":"\u00e4"})");
    expect_equal(change.status, SettingsChange::Status::ok, "status");
    expect_equal(change.require_mfa, std::optional(true), "ours");
    expect(change.has_others, "others");
    expect_equal(change.others, R"({"b":[1,{"c":null}],"Require_mfa":2,"a":"\u00e4"})"s, "as they were written");
}

void without_ours_nothing_is_asked_of_us(void**) {
    for (std::string_view body : {"{}"sv, R"({"a":1})"sv, R"({"REQUIRE_MFA":true})"sv}) {
        const SettingsChange change = parse_change(body);
        expect_equal(change.status, SettingsChange::Status::ok, body);
        expect(!change.require_mfa, body);
        expect_equal(change.has_others, body != "{}", body);
    }
}

void a_bad_value_beside_good_others_is_refused_as_a_whole(void**) {
    expect_equal(parse_change(R"({"a":1,"require_mfa":1})").status, SettingsChange::Status::invalid_value,
                 "all or nothing");
}

void members_with_other_names_are_kept(void**) {
    static constexpr struct {
        std::string_view before;
        std::string_view unknown;
        bool on;
        std::string_view after;  // with the switch on
    } table[] = {
        {R"({"require_MFA":true})", "require_MFA", false, R"({"require_MFA":true,"require_mfa":true})"},
        {R"({"":true})", "", false, "{\n    \"require_mfa\": true\n}\n"},
        {R"({ "n" : 1.50, "require_mfa":"false" ,"more":[{"require_mfa":false}]})", "n", false,
         R"({ "n" : 1.50, "require_mfa":true ,"more":[{"require_mfa":false}]})"},
        {R"({"big":123456789012345678901234567890,"require_mfa":true})", "big", true,
         R"({"big":123456789012345678901234567890,"require_mfa":true})"},
        {R"({"require_mfa":false})", "", false, "{\n    \"require_mfa\": true\n}\n"},
        {"", "", false, "{\n    \"require_mfa\": true\n}\n"},
        {R"({"more":1,"require_mfa":fal)", "", false, "{\n    \"require_mfa\": true\n}\n"},
    };
    for (const auto& row : table) {
        std::string why;
        if (const auto settings = from_file(row.before, why)) {
            expect_equal(settings->require_mfa, row.on, row.before);
            expect_equal(unknown_member(row.before), row.unknown, row.before);
        }
        expect_equal(changed_file(row.before, {.require_mfa = true}), row.after, row.before);
    }
}

void any_prefix_of_a_file_is_damaged(void**) {
    const std::string whole = to_file({.require_mfa = true});
    std::string why;
    for (std::size_t size = 0; size + 1 < whole.size(); ++size) {
        expect(!from_file(whole.substr(0, size), why), whole.substr(0, size));
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(the_file_is_json_that_a_person_can_read_and_edit),
        cmocka_unit_test(an_edited_file_is_read),
        cmocka_unit_test(a_damaged_file_is_refused_and_says_why),
        cmocka_unit_test(only_true_and_false_and_the_same_as_text_are_values),
        cmocka_unit_test(an_application_may_have_a_switch_of_its_own),
        cmocka_unit_test(what_is_no_json_object_is_no_change),
        cmocka_unit_test(what_is_not_ours_is_kept_apart),
        cmocka_unit_test(without_ours_nothing_is_asked_of_us),
        cmocka_unit_test(a_bad_value_beside_good_others_is_refused_as_a_whole),
        cmocka_unit_test(members_with_other_names_are_kept),
        cmocka_unit_test(any_prefix_of_a_file_is_damaged),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
