// The responses to refused requests, exactly as CONTRACT.md specifies them.
#include "unit.hpp"

#include "core/http/refusal.hpp"
#include "core/http/websocket.hpp"
#include "core/json/json.hpp"

namespace {

using namespace unit;
using namespace auth_gate;

constexpr Refusal all[] = {Refusal::none,
                           Refusal::no_credentials,
                           Refusal::bad_credentials,
                           Refusal::forbidden,
                           Refusal::prefetch,
                           Refusal::bad_path,
                           Refusal::foreign_origin,
                           Refusal::not_json,
                           Refusal::websocket_version,
                           Refusal::mfa_required,
                           Refusal::not_admin,
                           Refusal::not_saved,
                           Refusal::settings_changed,
                           Refusal::unavailable};

void responses_match_the_contract(void**) {
    static constexpr struct {
        Refusal refusal;
        std::uint16_t status;
        std::string_view body, challenge;
        std::uint16_t code;
        std::string_view reason;
    } table[] = {
        {Refusal::no_credentials, 401, R"({"error":"Access token required","code":"AUTH_REQUIRED"})", "Bearer", 4001,
         "Authentication required"},
        {Refusal::bad_credentials, 401, R"({"error":"Invalid or expired token","code":"AUTH_REQUIRED"})",
         R"(Bearer error="invalid_token")", 4001, "Invalid or expired token"},
        {Refusal::mfa_required, 403,
         R"({"error":"Two-factor authentication is required. Complete setup in Settings.","code":"MFA_REQUIRED"})", "",
         4403, "MFA required"},
        {Refusal::forbidden, 403, R"({"error":"Insufficient permissions","code":"FORBIDDEN"})",
         R"(Bearer error="insufficient_scope")", 4003, "Forbidden"},
        {Refusal::foreign_origin, 403, R"({"error":"Forbidden origin","code":"ORIGIN"})", "", 4003, "Forbidden"},
        {Refusal::not_json, 415, R"({"error":"Unsupported media type"})", "", 0, ""},
        {Refusal::not_admin, 403, R"({"error":"Admin access required"})", "", 0, ""},
        {Refusal::unavailable, 503, R"({"error":"Service unavailable"})", "", 1013, "Try again later"},
    };
    for (const auto& row : table) {
        const RefusalAnswer& answer = answer_to(row.refusal);
        expect_equal(answer.status, row.status, row.body);
        expect_equal(answer.body, row.body, row.body);
        expect_equal(answer.www_authenticate, row.challenge, row.body);
        expect_equal(answer.websocket_code, row.code, row.body);
        expect_equal(answer.websocket_reason, row.reason, row.body);
    }
    expect_equal(answer_to(Refusal::websocket_version).status, 426, "wrong WebSocket version");
    expect_equal(answer_to(Refusal::bad_path).status, 400, "bad path");
    expect_equal(answer_to(Refusal::prefetch).status, 401, "prefetch");
}

void every_body_is_a_json_object_with_an_error(void**) {
    for (Refusal refusal : all) {
        const RefusalAnswer& answer = answer_to(refusal);
        if (refusal == Refusal::none) {
            expect_equal(answer.decision, "allow"sv, "no refusal");
            expect(answer.body.empty(), "no refusal has no body");
            continue;
        }
        const auto body = json::parse_object(answer.body);
        expect(body != nullptr, answer.body);
        const auto error = json::string(json::member(body.get(), "error"));
        expect(error && !error->empty(), answer.body);
        expect(answer.status >= 400 && answer.status < 600, answer.body);
        expect(!answer.decision.empty() && answer.decision != "allow", answer.body);
    }
}

void every_401_has_a_challenge_and_so_has_a_session_that_is_not_enough(void**) {
    for (Refusal refusal : all) {
        const RefusalAnswer& answer = answer_to(refusal);
        expect_equal(!answer.www_authenticate.empty(), answer.status == 401 || refusal == Refusal::forbidden,
                     answer.decision);
    }
}

void close_codes_are_private_or_try_again_later_and_reasons_fit(void**) {
    for (Refusal refusal : all) {
        const RefusalAnswer& answer = answer_to(refusal);
        const bool is_private = answer.websocket_code >= 4000 && answer.websocket_code <= 4999;
        expect(answer.websocket_code == 0 || answer.websocket_code == 1013 || is_private, answer.decision);
        expect(answer.websocket_reason.size() <= 123, answer.decision);
        expect_equal(websocket::close_frame(answer.websocket_code, answer.websocket_reason).size(),
                     4 + answer.websocket_reason.size(), answer.decision);
    }
}

void decisions_differ(void**) {
    for (Refusal a : all) {
        for (Refusal b : all) {
            expect(a == b || answer_to(a).decision != answer_to(b).decision, answer_to(a).decision);
        }
    }
}

void only_refusals_that_a_user_can_remedy_redirect(void**) {
    for (Refusal refusal : all) {
        const bool login = refusal == Refusal::no_credentials || refusal == Refusal::bad_credentials;
        const Remedy wanted = login                              ? Remedy::login
                              : refusal == Refusal::mfa_required ? Remedy::mfa_setup
                                                                 : Remedy::none;
        expect_equal(answer_to(refusal).remedy, wanted, answer_to(refusal).decision);
    }
}

void an_invalid_value_refuses(void**) {
    expect_equal(answer_to(static_cast<Refusal>(200)).status, 503, "fail closed");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(responses_match_the_contract),
        cmocka_unit_test(every_body_is_a_json_object_with_an_error),
        cmocka_unit_test(every_401_has_a_challenge_and_so_has_a_session_that_is_not_enough),
        cmocka_unit_test(close_codes_are_private_or_try_again_later_and_reasons_fit),
        cmocka_unit_test(decisions_differ),
        cmocka_unit_test(only_refusals_that_a_user_can_remedy_redirect),
        cmocka_unit_test(an_invalid_value_refuses),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
