// From the login's redirect over the callback to the token endpoint, and the logout.
#include <set>

#include "core/base/base64url.hpp"
#include "core/oidc/callback.hpp"
#include "core/oidc/error.hpp"
#include "core/oidc/login.hpp"
#include "core/oidc/login_session.hpp"
#include "core/oidc/logout.hpp"
#include "core/oidc/session_claims.hpp"
#include "core/oidc/table.hpp"
#include "core/oidc/token_request.hpp"
#include "unit.hpp"

namespace {

using namespace unit;
using namespace auth_gate;

const std::string state = "pSX4K1OA4sRoWEGhm9tnOFp3tNS5FPCO2lBiK3LdGO4";

oidc::Metadata metadata() {
    oidc::Metadata metadata;
    metadata.issuer = "https://id.example";
    metadata.authorization_endpoint = "https://id.example/authorize";
    return metadata;
}

void a_flows_secrets_are_43_characters_and_never_the_same(void**) {
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        const auto secrets = oidc::make_flow_secrets();
        expect(secrets.has_value(), "randomness");
        for (const std::string* text : {&secrets->state, &secrets->nonce, &secrets->verifier, &secrets->binding}) {
            expect_equal(text->size(), std::size_t{43}, "32 bytes");
            expect(oidc::is_flow_secret(*text), *text);
            expect(seen.insert(*text).second, "new each time");
        }
    }
    for (std::string_view text :
         {""sv, "a"sv, std::string_view(state).substr(1), "pSX4K1OA4sRoWEGhm9tnOFp3tNS5FPCO2lBiK3LdGO5"sv,
          "pSX4K1OA4sRoWEGhm9tnOFp3tNS5FPCO2lBiK3LdGO="sv, "pSX4K1OA4sRoWEGhm9tnOFp3tNS5FPCO2lBiK3LdG!4"sv,
          "pSX4K1OA4sRoWEGhm9tnOFp3tNS5FPCO2lBiK3LdGO4A"sv}) {
        expect(!oidc::is_flow_secret(text), text);
    }
}

void the_challenge_is_that_of_rfc_7636(void**) {
    expect_equal(oidc::s256_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
                 "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "appendix B");
}

void every_flow_has_a_cookie_of_its_own(void**) {
    const std::string name = oidc::flow_cookie_name("auth_gate_oidc_", state);
    expect_equal(name.size(), "auth_gate_oidc_"s.size() + 16, name);
    expect(name.starts_with("auth_gate_oidc_") && name.find_first_not_of("0123456789abcdef", 15) == std::string::npos,
           name);
    expect(name.find(state.substr(0, 8)) == std::string::npos, "it does not show the state");
    expect_equal(oidc::flow_cookie_name("auth_gate_oidc_", state), name, "the same for the same state");
    expect(oidc::flow_cookie_name("auth_gate_oidc_", "x") != name, "another for another");
}

void the_authorization_url_has_all_that_the_contract_says(void**) {
    const auto secrets = oidc::make_flow_secrets();
    const oidc::AuthorizationRequest request{"a client&id", "https://app.example/api/auth/oidc/callback",
                                             "openid email profile"};
    const std::string tail =
        "response_type=code&client_id=a%20client%26id"
        "&redirect_uri=https%3A%2F%2Fapp.example%2Fapi%2Fauth%2Foidc%2Fcallback&scope=openid%20email%20profile&state=" +
        secrets->state + "&nonce=" + secrets->nonce + "&code_challenge=" + oidc::s256_challenge(secrets->verifier) +
        "&code_challenge_method=S256";
    expect_equal(oidc::authorization_url(metadata(), request, *secrets), "https://id.example/authorize?" + tail,
                 "the URL");

    oidc::Metadata with_query = metadata();
    with_query.authorization_endpoint += "?tenant=7";
    expect_equal(oidc::authorization_url(with_query, request, *secrets,
                                         {{"prompt", "login x"}, {"state", "mine"}, {"redirect_uri", "evil"}}),
                 "https://id.example/authorize?tenant=7&" + tail + "&prompt=login%20x",
                 "extra parameters, but none of the flow's own");
    expect(oidc::authorization_url(metadata(), request, *secrets).find(secrets->verifier) == std::string::npos,
           "not the verifier");
    for (std::string_view name :
         {"response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge",
          "code_challenge_method", "response_mode", "request", "request_uri"}) {
        expect(oidc::is_flow_parameter(name), name);
    }
    expect(!oidc::is_flow_parameter("acr_values") && !oidc::is_flow_parameter("State"), "others are not");
}

void the_answer_may_be_posted(void**) {
    const oidc::FlowSecrets secrets;
    const auto url_with = [&](bool form_post) {
        oidc::AuthorizationRequest request;
        request.form_post = form_post;
        return oidc::authorization_url(metadata(), request, secrets);
    };
    expect(url_with(true).find("&response_mode=form_post") != std::string::npos, "form_post");
    expect(url_with(false).find("response_mode") == std::string::npos, "not asked for");
}

void the_scope_always_has_openid(void**) {
    const auto secrets = oidc::make_flow_secrets();
    struct Row {
        std::string_view scope, sent;
    };
    for (const Row& row : {Row{"", "openid"}, Row{"email", "openid%20email"}, Row{"email openid", "email%20openid"},
                           Row{"openid2 xopenid", "openid%20openid2%20xopenid"}}) {
        const std::string url = oidc::authorization_url(metadata(), {"c", "r", row.scope}, *secrets);
        expect(url.find("&scope=" + std::string(row.sent) + "&") != std::string::npos, url);
    }
}

oidc::Flow longest_flow() {
    oidc::Flow flow;
    flow.provider = 0x0123456789abcdef;
    flow.nonce = state;
    flow.verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    flow.binding = sha256("binding");
    flow.return_path = '/' + std::string(oidc::Flow::longest_return_path - 1, 'p');
    flow.invite = std::string(oidc::Flow::longest_invite, 'i');
    return flow;
}

void a_flow_comes_back_from_its_record(void**) {
    for (bool longest : {true, false}) {
        oidc::Flow flow = longest_flow();
        if (!longest) {
            flow.return_path.clear();
            flow.invite = "\0&\xff"s;
        }
        const auto record = oidc::pack(flow);
        expect(record && record->size() <= oidc::Record::longest_flow, "it fits into the table");
        const auto back = oidc::unpack_flow(*record);
        expect(back && back->provider == flow.provider && back->nonce == flow.nonce &&
                   back->verifier == flow.verifier && back->binding == flow.binding &&
                   back->return_path == flow.return_path && back->invite == flow.invite,
               "all of it");
        for (std::size_t size = 0; size < record->size(); ++size) {
            expect(!oidc::unpack_flow(record->substr(0, size)), "cut off at " + std::to_string(size));
        }
        expect(!oidc::unpack_flow(*record + 'x'), "more behind it");
    }
    const auto refused = [](auto change) {
        oidc::Flow flow = longest_flow();
        change(flow);
        return !oidc::pack(flow);
    };
    expect(refused([](oidc::Flow& flow) { flow.return_path += 'p'; }), "a longer return path");
    expect(refused([](oidc::Flow& flow) { flow.invite += 'i'; }), "a longer invitation");
    expect(refused([](oidc::Flow& flow) { flow.nonce += 'n'; }), "another nonce");
    expect(refused([](oidc::Flow& flow) { flow.verifier.clear(); }), "no verifier");
}

void a_session_comes_back_from_its_record(void**) {
    for (const UserId& user : {UserId{UserId::Kind::integer, "7"}, UserId{UserId::Kind::text, "7"},
                               UserId{UserId::Kind::text, std::string(255, 'u')}}) {
        for (bool mfa : {false, true}) {
            const std::string claims = mfa ? std::string(oidc::SessionClaims::largest, 'c') : "";
            const auto record = oidc::pack(oidc::LoginSession{77, user, mfa, sha256("the cookie"), claims});
            expect(record && record->size() <= oidc::Record::longest_code, "it fits into the table");
            const auto back = oidc::unpack_session(*record);
            expect(back && back->provider == 77 && back->user.kind == user.kind && back->user.text == user.text &&
                       back->mfa == mfa && back->binding == sha256("the cookie") && back->claims == claims,
                   user.text);
            expect(!oidc::unpack_session(record->substr(1)) && !oidc::unpack_session(*record + 'x'), "another length");
        }
    }
    expect(!oidc::pack(oidc::LoginSession{77, {UserId::Kind::text, std::string(256, 'u')}, false}), "too long an id");
    expect(!oidc::pack(oidc::LoginSession{77, {UserId::Kind::text, ""}, false}), "no id");
    const std::string too_much(oidc::SessionClaims::largest + 1, 'c');
    expect(!oidc::pack(oidc::LoginSession{77, {UserId::Kind::integer, "7"}, false, {}, too_much}), "too large claims");
    std::string record = oidc::pack(oidc::LoginSession{77, {UserId::Kind::integer, "7"}, false}).value();
    record[8] = 2;
    expect(!oidc::unpack_session(record), "an unknown kind of id");
    record[8] = 0;
    record[9] = 2;
    expect(!oidc::unpack_session(record), "neither with MFA nor without");
    expect(!oidc::unpack_session("") && !oidc::unpack_session(std::string(512, '\xff')), "no record");
}

using CallbackStatus = oidc::Callback::Status;

void a_callbacks_query_is_read_strictly(void**) {
    struct Row {
        std::string query;
        CallbackStatus status;
        std::string code = {}, error = {}, issuer = {};
    };
    const std::string s = "state=" + state;
    const Row rows[] = {
        {"code=abc&" + s, CallbackStatus::code, "abc"},
        {s + "&code=a%2Fb+c%2B&iss=https%3A%2F%2Fid.example&session_state=x&scope=openid", CallbackStatus::code,
         "a/b c+", "", "https://id.example"},
        {"%63ode=abc&" + s, CallbackStatus::code, "abc"},
        {"code=" + std::string(4096, 'c') + '&' + s, CallbackStatus::code, std::string(4096, 'c')},
        {"error=access_denied&error_description=no+way&" + s, CallbackStatus::refused, "", "access_denied"},
        {"error=access_denied&code=abc&" + s, CallbackStatus::refused, "", "access_denied"},
        {"error=a%22%3Cscript%3E&" + s, CallbackStatus::refused, "", "server_error"},
        {"error=&" + s, CallbackStatus::refused, "", "server_error"},
        {"error=" + std::string(64, 'e') + '&' + s, CallbackStatus::refused, "", std::string(64, 'e')},
        {"error=" + std::string(65, 'e') + '&' + s, CallbackStatus::refused, "", "server_error"},
        {"", CallbackStatus::incomplete},
        {"code=abc", CallbackStatus::incomplete},
        {"error=access_denied", CallbackStatus::refused_unasked, "", "access_denied"},
        {"error=login_required&state=", CallbackStatus::refused_unasked, "", "login_required"},
        {"error=unheard_of", CallbackStatus::incomplete},
        {"error=access_denied&state=x", CallbackStatus::bad_state},
        {"error=access_denied&error_description=%00%ff&error_description=b&" + s, CallbackStatus::refused, "",
         "access_denied"},
        {"code=abc&state=", CallbackStatus::incomplete},
        {s, CallbackStatus::incomplete},
        {"code=&" + s, CallbackStatus::incomplete},
        {"Code=abc&" + s, CallbackStatus::incomplete},
        {"code=abc&state=x", CallbackStatus::bad_state},
        {"code=abc&" + s + 'A', CallbackStatus::bad_state},
        {"code=abc&state=" + std::string(4096, 's'), CallbackStatus::bad_state},
        {"code=abc&code=abc&" + s, CallbackStatus::malformed},
        {"code=abc&%63ode=abc&" + s, CallbackStatus::malformed},
        {"code=abc&" + s + '&' + s, CallbackStatus::malformed},
        {"code=abc&iss=a&iss=b&" + s, CallbackStatus::malformed},
        {"error=a&error=b&" + s, CallbackStatus::malformed},
        {"code=a%&" + s, CallbackStatus::malformed},
        {"code=a%zz&" + s, CallbackStatus::malformed},
        {"code=a%00b&" + s, CallbackStatus::malformed},
        {"code=a%0Ab&" + s, CallbackStatus::malformed},
        {"code=a%C3%A9&" + s, CallbackStatus::malformed},
        {"error=a%0d%0aX&" + s, CallbackStatus::malformed},
        {"code=" + std::string(4097, 'c') + '&' + s, CallbackStatus::malformed},
        {"code=abc&iss=" + std::string(2049, 'i') + '&' + s, CallbackStatus::malformed},
        {"code=abc&" + s + "&x=" + std::string(13000, 'x'), CallbackStatus::malformed},
    };
    for (const Row& row : rows) {
        const oidc::Callback got = oidc::parse_callback(row.query);
        expect(got.status == row.status, row.query + ": " + std::string(sentence(got.status)));
        expect_equal(got.code, row.code, row.query);
        expect_equal(got.error, row.error, row.query);
        expect_equal(got.issuer, row.issuer, row.query);
        const bool has_state = row.status == CallbackStatus::code || row.status == CallbackStatus::refused;
        expect(!has_state || got.state == state, row.query);
    }
}

void the_callbacks_issuer_must_be_the_providers(void**) {
    oidc::Callback callback;
    oidc::Metadata from = metadata();
    expect(oidc::issuer_fits(callback, from), "none is given, and none is promised");
    callback.issuer = "https://id.example";
    expect(oidc::issuer_fits(callback, from), "the provider's");
    callback.issuer = "https://id.example/";
    expect(oidc::issuer_fits(callback, from), "a slash is no difference");
    for (std::string_view other : {"https://evil.example", "https://id.example/x", "http://id.example", "/"}) {
        callback.issuer = other;
        expect(!oidc::issuer_fits(callback, from), other);
    }
    from.names_itself = true;
    callback.issuer = "";
    expect(!oidc::issuer_fits(callback, from), "none is given where one is promised");
    callback.issuer = "https://id.example";
    expect(oidc::issuer_fits(callback, from), "the promised one");
}

void the_token_request_is_that_of_rfc_6749(void**) {
    const oidc::TokenRequest request{"s6BhdRkqt3", "7Fjfp0ZBr1KtDRbnfVdmIw", "Splxl&OB=e", "https://client.example/cb",
                                     "verifier-43"};
    const std::string body =
        "grant_type=authorization_code&code=Splxl%26OB%3De&redirect_uri=https%3A%2F%2Fclient.example%2Fcb&code_"
        "verifier=verifier-43";

    const oidc::TokenRequestText basic = oidc::token_request(request, oidc::ClientAuthentication::basic);
    expect_equal(basic.body, body, "basic");
    expect_equal(basic.authorization, "Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3",
                 "the example of RFC 6749, 2.3.1");
    const oidc::TokenRequestText post = oidc::token_request(request, oidc::ClientAuthentication::post);
    expect_equal(post.body, body + "&client_id=s6BhdRkqt3&client_secret=7Fjfp0ZBr1KtDRbnfVdmIw", "post");
    expect_equal(post.authorization, "", "post");
    const oidc::TokenRequestText none = oidc::token_request(request, oidc::ClientAuthentication::none);
    expect_equal(none.body, body + "&client_id=s6BhdRkqt3", "a public client");
    expect_equal(none.authorization, "", "a public client");

    oidc::TokenRequest signing = request;
    signing.token_endpoint = "https://id.example/token";
    signing.now = 1700000000;
    const oidc::TokenRequestText jwt = oidc::token_request(signing, oidc::ClientAuthentication::jwt);
    const std::string before =
        body +
        "&client_id=s6BhdRkqt3&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3A"
        "jwt-bearer&client_assertion=";
    expect(jwt.body.starts_with(before), jwt.body);
    expect_equal(jwt.authorization, "", "a JWT");
    const std::string assertion = jwt.body.substr(before.size());
    const std::size_t dot = assertion.find('.'), last = assertion.rfind('.');
    expect_equal(base64url::decode(assertion.substr(0, dot)).value(), R"({"alg":"HS256","typ":"JWT"})", "RFC 7515");
    expect_equal(base64url::decode(assertion.substr(dot + 1, last - dot - 1)).value(),
                 R"({"iss":"s6BhdRkqt3","sub":"s6BhdRkqt3","aud":"https://id.example/token","jti":")" +
                     oidc::s256_challenge("verifier-43") + R"(","iat":1700000000,"exp":1700000060})",
                 "RFC 7523, 3");
    std::string signature;
    base64url::append(signature, HmacKey(request.client_secret).sign(assertion.substr(0, last)));
    expect_equal(assertion.substr(last + 1), signature, "signed with the secret");

    oidc::TokenRequest odd = request;
    odd.client_id = "a:b c";
    odd.client_secret = "d+e%:\xc3\xa9";
    // a%3Ab%20c:d%2Be%25%3A%C3%A9
    expect_equal(oidc::token_request(odd, oidc::ClientAuthentication::basic).authorization,
                 "Basic YSUzQWIlMjBjOmQlMkJlJTI1JTNBJUMzJUE5", "id and secret are encoded before they are joined");
}

using TokenStatus = oidc::TokenAnswerStatus;

void the_token_answer_is_read_strictly(void**) {
    struct Row {
        unsigned status;
        std::string_view body;
        TokenStatus wanted;
        std::string_view error = "";
    };
    const Row rows[] = {
        {200, R"({"access_token":"a","token_type":"Bearer","id_token":"i.d.t","expires_in":60,"refresh_token":"r"})",
         TokenStatus::ok},
        {200, R"({"access_token":"a","token_type":"bearer","id_token":"i.d.t"})", TokenStatus::ok},
        {400, R"({"error":"invalid_grant","error_description":"used"})", TokenStatus::refused, "invalid_grant"},
        {200, R"({"error":"invalid_grant"})", TokenStatus::refused, "invalid_grant"},
        {400, R"({"error":"invalid_request"})", TokenStatus::refused, "invalid_request"},
        {403, R"({"error":"invalid_code"})", TokenStatus::refused, "invalid_code"},
        {401, R"({"error":"invalid_client"})", TokenStatus::client_refused, "invalid_client"},
        {400, R"({"error":"invalid_client"})", TokenStatus::client_refused, "invalid_client"},
        {400, R"({"error":"unauthorized_client"})", TokenStatus::client_refused, "unauthorized_client"},
        {400, R"({"error":"unsupported_grant_type"})", TokenStatus::client_refused, "unsupported_grant_type"},
        {401, R"({"error":"no such <client>"})", TokenStatus::client_refused, ""},
        {500, R"({"error":"server_error"})", TokenStatus::bad_http_status, "server_error"},
        {503, R"({"error":"temporarily_unavailable"})", TokenStatus::bad_http_status, "temporarily_unavailable"},
        {400, R"({"error":{"code":1}})", TokenStatus::refused, ""},
        {500, "<html>", TokenStatus::bad_http_status},
        {500, "", TokenStatus::bad_http_status},
        {302, "", TokenStatus::bad_http_status},
        {204, "", TokenStatus::bad_http_status},
        {404, R"({"message":"?"})", TokenStatus::bad_http_status},
        {500, R"({"access_token":"a","token_type":"Bearer","id_token":"i.d.t"})", TokenStatus::bad_http_status},
        {200, "", TokenStatus::not_json},
        {200, "<html>", TokenStatus::not_json},
        {200, "access_token=a&token_type=bearer", TokenStatus::not_json},
        {200, R"(["a"])", TokenStatus::not_json},
        {200, R"({"access_token":"a","token_type":"Bearer","id_token":"i.d.)", TokenStatus::not_json},
        {200, R"({"access_token":"a","token_type":"Bearer"})", TokenStatus::no_id_token},
        {200, R"({"access_token":"a","token_type":"Bearer","id_token":""})", TokenStatus::no_id_token},
        {200, R"({"access_token":"a","token_type":"Bearer","id_token":null})", TokenStatus::no_id_token},
        {200, R"({"token_type":"Bearer","id_token":"i.d.t"})", TokenStatus::no_access_token},
        {200, R"({"access_token":7,"token_type":"Bearer","id_token":"i.d.t"})", TokenStatus::no_access_token},
        {200, R"({"access_token":"","token_type":"Bearer","id_token":"i.d.t"})", TokenStatus::no_access_token},
        {200, R"({"access_token":"a\r\nHost: b","token_type":"Bearer","id_token":"i.d.t"})",
         TokenStatus::no_access_token},
        {200, R"({"access_token":"a\u007f","token_type":"Bearer","id_token":"i.d.t"})", TokenStatus::no_access_token},
        {200, R"({"access_token":"\u00e4","token_type":"Bearer","id_token":"i.d.t"})", TokenStatus::no_access_token},
        {200, R"({"access_token":"a","id_token":"i.d.t"})", TokenStatus::wrong_token_type},
        {200, R"({"access_token":"a","token_type":"DPoP","id_token":"i.d.t"})", TokenStatus::wrong_token_type},
        {200, "{}", TokenStatus::wrong_token_type},
    };
    for (const Row& row : rows) {
        const oidc::TokenAnswer got = oidc::parse_token_answer(row.status, row.body);
        expect(got.status == row.wanted,
               std::to_string(row.status) + ' ' + std::string(row.body) + ": " + std::string(sentence(got.status)));
        expect_equal(got.error, row.error, row.body);
        const bool good = row.wanted == TokenStatus::ok;
        expect_equal(got.access_token, good ? "a" : "", row.body);
        expect_equal(got.id_token, good ? "i.d.t" : "", row.body);
    }
}

void the_contract_has_a_word_for_each_error(void**) {
    const std::string_view codes[] = {"missing_params", "invalid_state",         "not_configured",   "issuer_not_https",
                                      "token_failed",   "no_id_token",           "id_token_invalid", "subject_mismatch",
                                      "no_email",       "registration_disabled", "server_error"};
    for (std::size_t i = 0; i < std::size(codes); ++i) {
        expect_equal(oidc::code_of(static_cast<oidc::LoginError>(i)), codes[i], "in the contract's order");
    }
}

void a_provider_explains_itself_in_harmless_text(void**) {
    struct Row {
        std::string text, shown, logged;
    };
    const Row rows[] = {
        {"", "", ""},
        {"AADSTS50105: no <role>", "AADSTS50105: no <role>", " \"AADSTS50105: no <role>\""},
        {"a\r\nb\x1b[0m\x7f", "a  b [0m ", " \"a  b [0m \""},
        {"\xc3\xbc \"quoted\"", "\xc3\xbc \"quoted\"", " \"?? ?quoted?\""},
        {"a\xc2\x85z", "a z", " \"a z\""},
        {"a\xffz\xc3\xbc", "a?z??", " \"a?z??\""},
        {std::string(511, 'a') + "\xc3\xbc", std::string(511, 'a'), " \"" + std::string(511, 'a') + '"'},
        {std::string(600, 'a'), std::string(512, 'a'), " \"" + std::string(512, 'a') + '"'},
    };
    for (const Row& row : rows) {
        expect_equal(oidc::shown_description(row.text), row.shown, row.text);
        expect_equal(oidc::logged_description(row.text), row.logged, row.text);
    }
    const std::string s = "&state=" + state;
    expect_equal(oidc::parse_callback("error=a&error_description=no+%0a+way" + s).description, "no   way", "decoded");
    expect_equal(oidc::parse_callback("error=a&error_description=%zz" + s).description, "", "not to be decoded");
    expect_equal(oidc::parse_callback("error=access_denied&error_description=x").description, "", "without a state");
    expect_equal(
        oidc::parse_token_answer(400, R"({"error":"invalid_grant","error_description":"no\nway"})").description,
        "no way", "of the token endpoint");
    expect_equal(oidc::parse_token_answer(400, R"({"error":"invalid_grant","error_description":7})").description, "",
                 "a number");
}

void somebody_elses_error_code_is_harmless_or_nothing(void**) {
    for (std::string_view code : {"access_denied", "login_required", "A-z.0_9", "x"}) {
        expect(oidc::is_error_code(code), code);
    }
    for (std::string_view code :
         {"", "a b", "a&b", "a=b", "a%20b", "<b>", "a\"", "a\n", "\xc3\xa9", "a/b", "a#b", "a+b"}) {
        expect(!oidc::is_error_code(code), code);
    }
    expect(!oidc::is_error_code("a\0"sv), "a NUL");
    expect(oidc::is_error_code(std::string(64, 'a')) && !oidc::is_error_code(std::string(65, 'a')), "64 at most");
}

void the_logout_url_says_who_asks_and_where_to_go(void**) {
    oidc::Metadata from = metadata();
    expect_equal(oidc::logout_url(from, {"gate", "https://app.example/"}), "", "the provider has none");
    from.end_session_endpoint = "https://id.example/end";
    expect_equal(oidc::logout_url(from, {"gate", ""}), "https://id.example/end?client_id=gate", "the least");
    expect_equal(oidc::logout_url(from, {"gate", "https://app.example/?a=b"}),
                 "https://id.example/end?client_id=gate&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2F%3Fa%3Db",
                 "the most");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_flows_secrets_are_43_characters_and_never_the_same),
        cmocka_unit_test(the_challenge_is_that_of_rfc_7636),
        cmocka_unit_test(every_flow_has_a_cookie_of_its_own),
        cmocka_unit_test(the_authorization_url_has_all_that_the_contract_says),
        cmocka_unit_test(the_answer_may_be_posted),
        cmocka_unit_test(the_scope_always_has_openid),
        cmocka_unit_test(a_flow_comes_back_from_its_record),
        cmocka_unit_test(a_session_comes_back_from_its_record),
        cmocka_unit_test(a_callbacks_query_is_read_strictly),
        cmocka_unit_test(the_callbacks_issuer_must_be_the_providers),
        cmocka_unit_test(the_token_request_is_that_of_rfc_6749),
        cmocka_unit_test(the_token_answer_is_read_strictly),
        cmocka_unit_test(the_contract_has_a_word_for_each_error),
        cmocka_unit_test(a_provider_explains_itself_in_harmless_text),
        cmocka_unit_test(somebody_elses_error_code_is_harmless_or_nothing),
        cmocka_unit_test(the_logout_url_says_who_asks_and_where_to_go),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
