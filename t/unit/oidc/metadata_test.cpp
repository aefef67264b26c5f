#include "core/oidc/metadata.hpp"

#include <vector>

#include "unit.hpp"

namespace {

using namespace unit;
using namespace auth_gate;
using Status = oidc::MetadataStatus;
using oidc::ClientAuthentication;

constexpr std::string_view issuer = "https://id.example/realm";

// A usual document, each given member in the place of the one of the same name; an empty value takes it out.
std::string document(std::initializer_list<std::pair<std::string, std::string>> changes = {}) {
    std::vector<std::pair<std::string, std::string>> members = {
        {"issuer", R"("https://id.example/realm")"},
        {"authorization_endpoint", R"("https://id.example/authorize?a=b")"},
        {"token_endpoint", R"("https://id.example/token")"},
        {"jwks_uri", R"("https://id.example/keys")"}};
    for (const auto& change : changes) {
        std::erase_if(members, [&](const auto& member) { return member.first == change.first; });
        if (!change.second.empty()) {
            members.push_back(change);
        }
    }
    std::string out;
    for (const auto& [name, value] : members) {
        out += (out.empty() ? "{\"" : ",\"") + name + "\":" + value;
    }
    return out + '}';
}

oidc::MetadataRules rules(bool overridden = false, bool has_secret = true) {
    return {issuer, overridden, has_secret, false};
}

void expect_status(const std::string& text, Status wanted, std::string_view what,
                   const oidc::MetadataRules& by = rules(), const unit::Line at = unit::Line::here()) {
    const oidc::MetadataResult got = oidc::parse_metadata(text, by);
    expect(got.status == wanted,
           std::string(what) + ": got \"" + std::string(sentence(got.status)) + "\", wanted \"" +
               std::string(sentence(wanted)) + '"',
           at);
}

void the_discovery_url_follows_from_the_issuer(void**) {
    const std::string wanted = "https://id.example/realm/.well-known/openid-configuration";
    expect_equal(oidc::discovery_url("https://id.example/realm"), wanted, "without a slash");
    expect_equal(oidc::discovery_url("https://id.example/realm/"), wanted, "with a slash");
    expect_equal(oidc::discovery_url("https://id.example"), "https://id.example/.well-known/openid-configuration",
                 "without a path");
}

void a_document_is_read(void**) {
    const oidc::MetadataResult few = oidc::parse_metadata(document(), rules());
    expect(few.status == Status::valid, "the least");
    expect_equal(few.metadata.issuer, issuer, "issuer");
    expect_equal(few.metadata.authorization_endpoint, "https://id.example/authorize?a=b", "authorization_endpoint");
    expect_equal(few.metadata.token_endpoint, "https://id.example/token", "token_endpoint");
    expect_equal(few.metadata.jwks_uri, "https://id.example/keys", "jwks_uri");
    expect_equal(few.metadata.userinfo_endpoint, "", "userinfo_endpoint");
    expect_equal(few.metadata.end_session_endpoint, "", "end_session_endpoint");
    expect(!few.metadata.names_itself, "RFC 9207");

    const oidc::MetadataResult all =
        oidc::parse_metadata(document({{"userinfo_endpoint", R"("https://id.example/me")"},
                                       {"end_session_endpoint", R"("https://id.example/logout")"},
                                       {"response_types_supported", R"(["code id_token","code"])"},
                                       {"code_challenge_methods_supported", R"(["plain","S256"])"},
                                       {"id_token_signing_alg_values_supported", R"(["HS256","ES256"])"},
                                       {"authorization_response_iss_parameter_supported", "true"},
                                       {"something_else", "[[{}]]"}}),
                             rules());
    expect(all.status == Status::valid, "the most");
    expect_equal(all.metadata.userinfo_endpoint, "https://id.example/me", "userinfo_endpoint");
    expect_equal(all.metadata.end_session_endpoint, "https://id.example/logout", "end_session_endpoint");
    expect(all.metadata.names_itself, "RFC 9207");
}

void what_is_no_json_object_is_refused(void**) {
    for (std::string_view text : {"", "<html></html>", "[]", "null", R"("x")", "{", R"({"issuer":"a","issuer":"b"})"}) {
        expect_status(std::string(text), Status::not_json, text);
    }
    expect_status(document().substr(0, 60), Status::not_json, "cut off");
    expect_status(document() + "x", Status::not_json, "more behind it");
}

void the_issuer_is_the_configured_one_unless_overridden(void**) {
    struct Row {
        std::string value;
        Status plain, overridden;
    };
    const Row rows[] = {
        {R"("https://id.example/realm/")", Status::valid, Status::valid},
        {R"("https://id.example/other")", Status::wrong_issuer, Status::valid},
        {R"("https://evil.example")", Status::wrong_issuer, Status::valid},
        {R"("http://id.example/realm")", Status::insecure_issuer, Status::insecure_issuer},
        {R"("http://127.0.0.1:9000")", Status::wrong_issuer, Status::valid},
        {R"("id.example/realm")", Status::insecure_issuer, Status::insecure_issuer},
        {R"("")", Status::no_issuer, Status::no_issuer},
        {"7", Status::no_issuer, Status::no_issuer},
        {"null", Status::no_issuer, Status::no_issuer},
        {"", Status::no_issuer, Status::no_issuer},
    };
    for (const Row& row : rows) {
        expect_status(document({{"issuer", row.value}}), row.plain, row.value);
        expect_status(document({{"issuer", row.value}}), row.overridden, row.value + ", overridden", rules(true));
    }
    const auto other = oidc::parse_metadata(document({{"issuer", R"("https://id.example/other")"}}), rules(true));
    expect_equal(other.metadata.issuer, "https://id.example/other", "the document's issuer is the one that counts");
    oidc::MetadataRules with_slash = rules();
    with_slash.issuer = "https://id.example/realm/";
    expect_status(document(), Status::valid, "the slash is in the configuration", with_slash);
    with_slash.issuer = "";
    expect_status(document(), Status::wrong_issuer, "nothing is configured", with_slash);
}

void endpoints_are_https_or_on_loopback(void**) {
    for (const char* name :
         {"authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint", "end_session_endpoint"}) {
        const bool required =
            std::string_view(name).starts_with('u') || std::string_view(name).starts_with('e') ? false : true;
        const auto with = [&](std::string_view value) { return document({{name, std::string(value)}}); };
        expect_status(with(R"("http://127.0.0.1:1/x")"), Status::valid, name);
        expect_status(with(""), required ? Status::missing_endpoint : Status::valid, name);
        expect_status(with("null"), required ? Status::missing_endpoint : Status::valid, name);
        for (std::string_view value : {R"("http://id.example/x")", R"("")", R"("/token")", R"("https://a@id.example/")",
                                       "7", "{}", R"("ftp://a")", R"("file:///etc/passwd")",
                                       R"("https://id.example/#x")", R"("https://id.example/\r\nX: y")"}) {
            const oidc::MetadataResult got = oidc::parse_metadata(with(value), rules());
            expect(got.status == Status::insecure_endpoint, std::string(name) + ' ' + std::string(value));
            expect_equal(got.member, name, "the log names the member");
        }
    }
}

void the_flow_must_be_supported(void**) {
    struct Row {
        std::string name, value;
        Status status;
    };
    const Row rows[] = {
        {"response_types_supported", R"(["id_token"])", Status::no_code_flow},
        {"response_types_supported", "[]", Status::no_code_flow},
        {"code_challenge_methods_supported", R"(["plain"])", Status::no_s256},
        {"code_challenge_methods_supported", "[]", Status::no_s256},
        {"code_challenge_methods_supported", R"(["s256",7])", Status::no_s256},
        {"id_token_signing_alg_values_supported", R"(["HS256","none"])", Status::no_algorithm},
        {"id_token_signing_alg_values_supported", "[]", Status::no_algorithm},
        {"id_token_signing_alg_values_supported", R"(["RS256"])", Status::valid},
    };
    for (const Row& row : rows) {
        expect_status(document({{row.name, row.value}}), row.status, row.name + ' ' + row.value);
    }
}

void the_client_authenticates_as_the_provider_supports(void**) {
    struct Row {
        std::string value;
        std::optional<ClientAuthentication> with_secret;
    };
    const Row rows[] = {
        {"", ClientAuthentication::basic},
        {R"(["client_secret_basic"])", ClientAuthentication::basic},
        {R"(["client_secret_post","client_secret_basic"])", ClientAuthentication::basic},
        {R"(["private_key_jwt","client_secret_post"])", ClientAuthentication::post},
        {R"(["client_secret_jwt","private_key_jwt"])", ClientAuthentication::jwt},
        {R"(["private_key_jwt"])", std::nullopt},
        {R"(["none"])", std::nullopt},
        {R"([])", std::nullopt},
    };
    for (const Row& row : rows) {
        const std::string text = document({{"token_endpoint_auth_methods_supported", row.value}});
        const oidc::MetadataResult got = oidc::parse_metadata(text, rules());
        expect(got.status == (row.with_secret ? Status::valid : Status::no_client_authentication), row.value);
        expect(!row.with_secret || got.metadata.client_authentication == *row.with_secret, row.value);
        const oidc::MetadataResult open = oidc::parse_metadata(text, rules(false, false));
        expect(open.status == Status::valid && open.metadata.client_authentication == ClientAuthentication::none,
               "without a secret");
        for (const char* name : {"basic", "post", "jwt", "none"}) {
            oidc::MetadataRules wanted = rules();
            wanted.client_authentication = oidc::client_authentication_named(name);
            expect(wanted.client_authentication.has_value(), name);
            expect(oidc::parse_metadata(text, wanted).metadata.client_authentication == *wanted.client_authentication,
                   "the configuration's word counts");
        }
    }
    for (const char* name : {"", "Basic", "client_secret_basic", "private_key_jwt"}) {
        expect(!oidc::client_authentication_named(name), name);
    }
}

void only_true_says_that_callbacks_carry_iss(void**) {
    for (std::string_view value : {"false", R"("true")", "1", "null"}) {
        const auto got = oidc::parse_metadata(
            document({{"authorization_response_iss_parameter_supported", std::string(value)}}), rules());
        expect(got.status == Status::valid && !got.metadata.names_itself, value);
    }
}

void an_administrators_metadata_leads_to_public_places(void**) {
    const oidc::MetadataRules by = {issuer, false, true, true};
    expect_status(document(), Status::valid, "public endpoints", by);
    for (const char* member :
         {"authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint", "end_session_endpoint"}) {
        for (const char* text : {R"("https://127.0.0.1/x")", R"("https://localhost:1/x")",
                                 R"("https://[::ffff:10.0.0.1]/x")", R"("http://127.0.0.1:1/x")"}) {
            expect_status(document({{member, text}}), Status::private_address, member, by);
            expect_status(document({{member, text}}), Status::valid, member);
        }
        expect_status(document({{member, R"("http://id.example/x")"}}), Status::insecure_endpoint, member, by);
    }
    expect_status(document({{"issuer", R"("https://10.0.0.1")"}}), Status::private_address, "the issuer",
                  {issuer, true, true, true});
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_discovery_url_follows_from_the_issuer),
        cmocka_unit_test(a_document_is_read),
        cmocka_unit_test(what_is_no_json_object_is_refused),
        cmocka_unit_test(the_issuer_is_the_configured_one_unless_overridden),
        cmocka_unit_test(endpoints_are_https_or_on_loopback),
        cmocka_unit_test(the_flow_must_be_supported),
        cmocka_unit_test(the_client_authenticates_as_the_provider_supports),
        cmocka_unit_test(an_administrators_metadata_leads_to_public_places),
        cmocka_unit_test(only_true_says_that_callbacks_carry_iss),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
