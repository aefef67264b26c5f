#include "core/oidc/tenant.hpp"

#include <vector>

#include "core/oidc/callback.hpp"
#include "core/oidc/id_token.hpp"
#include "oidc/kit.hpp"

namespace {

using namespace unit;
using oidc::Algorithm;
using oidc::MetadataStatus;
using Status = oidc::IdTokenStatus;

constexpr std::string_view entra = "https://login.example/{tenantid}/v2.0";

void a_template_stands_for_one_segment_of_a_path(void**) {
    expect(oidc::is_tenant_template(entra), "one");
    for (std::string_view text :
         {"https://login.example/v2.0", "https://{tenantid}.example/{tenantid}", "", "{TenantId}"}) {
        expect(!oidc::is_tenant_template(text), text);
        expect_equal(oidc::issuer_of_tenant(text, "t"), text, "stays");
    }
    expect_equal(oidc::issuer_of_tenant(entra, "t-1"), "https://login.example/t-1/v2.0", "of a tenant");
    for (std::string_view text : {"https://login.example/common/v2.0", "https://login.example/t.example/v2.0/"}) {
        expect(oidc::fits_template(entra, text), text);
    }
    for (std::string_view text :
         {"https://login.example//v2.0", "https://login.example/a/b/v2.0", "https://login.example/a/v1.0", "https://",
          "https://login.example/a", "https://login.evil/a/v2.0", "https://login.example/a%2f/v2.0", ""}) {
        expect(!oidc::fits_template(entra, text), text);
    }
    expect(!oidc::fits_template("https://login.example/a", "https://login.example/a"), "no template");
}

void metadata_for_many_tenants_needs_a_list_of_them(void**) {
    const std::string text = R"({"issuer":"https://login.example/{tenantid}/v2.0","authorization_endpoint":
        "https://login.example/a","token_endpoint":"https://login.example/t","jwks_uri":"https://login.example/k"})";
    oidc::MetadataRules rules;
    rules.issuer = "https://login.example/organizations/v2.0";
    expect(oidc::parse_metadata(text, rules).status == MetadataStatus::many_tenants, "no list");
    rules.has_tenants = true;
    expect(oidc::parse_metadata(text, rules).status == MetadataStatus::valid, "a list");
    rules.public_only = true;
    expect(oidc::parse_metadata(text, rules).status == MetadataStatus::valid, "an administrator's");
    rules.issuer = "https://other.example/organizations/v2.0";
    expect(oidc::parse_metadata(text, rules).status == MetadataStatus::wrong_issuer, "of another place");

    oidc::Metadata metadata;
    metadata.issuer = entra;
    oidc::Callback callback;
    callback.issuer = "https://login.example/t-1/v2.0";
    expect(oidc::issuer_fits(callback, metadata), "RFC 9207");
    callback.issuer = "https://login.evil/t-1/v2.0";
    expect(!oidc::issuer_fits(callback, metadata), "another");
}

void a_token_is_of_a_listed_tenant_and_of_its_issuer(void**) {
    const oidc::KeySet keys =
        key_set({SigningKey::ed25519().jwk(R"("kid":"any","issuer":"https://login.example/{tenantid}/v2.0")"),
                 SigningKey::rsa().jwk(R"("kid":"one","issuer":"https://login.example/t-2/v2.0")"),
                 SigningKey::other_rsa().jwk(R"("kid":"unsaid")")});
    const std::vector<std::string> tenants = {"T-1", "t-2"};
    struct Row {
        std::string kid, issuer, tid;
        Status status;
    };
    const Row rows[] = {
        {"any", "https://login.example/t-1/v2.0", R"("t-1")", Status::valid},
        {"any", "https://login.example/t-2/v2.0", R"("t-2")", Status::valid},
        {"one", "https://login.example/t-2/v2.0", R"("t-2")", Status::valid},
        {"one", "https://login.example/t-1/v2.0", R"("t-1")", Status::wrong_issuer},
        {"unsaid", "https://login.example/t-1/v2.0", R"("t-1")", Status::valid},
        {"any", "https://login.example/t-3/v2.0", R"("t-3")", Status::wrong_tenant},
        {"any", "https://login.example/t-3/v2.0", R"("t-1")", Status::wrong_issuer},
        {"any", "https://login.example/{tenantid}/v2.0", R"("t-1")", Status::wrong_issuer},
        {"any", "https://login.evil/t-1/v2.0", R"("t-1")", Status::wrong_issuer},
        {"any", "https://login.example/t-1/v2.0", "null", Status::wrong_tenant},
        {"any", "https://login.example/t-1/v2.0", R"(["t-1"])", Status::wrong_tenant},
        {"any", "https://login.example/{tenantid}/v2.0", R"("{tenantid}")", Status::wrong_tenant},
    };
    for (const Row& row : rows) {
        const bool ed = row.kid == "any";
        const SigningKey& key = ed                 ? SigningKey::ed25519()
                                : row.kid == "one" ? SigningKey::rsa()
                                                   : SigningKey::other_rsa();
        const Algorithm algorithm = ed ? Algorithm::eddsa : Algorithm::rs256;
        const std::string token =
            jws(key, algorithm, R"({"alg":")" + std::string(ed ? "EdDSA" : "RS256") + R"(","kid":")" + row.kid + "\"}",
                R"({"sub":"a","aud":"gate","nonce":"n","iat":1700000000,"exp":1700000300,"iss":")" + row.issuer +
                    R"(","tid":)" + row.tid + '}');
        oidc::IdTokenChecks checks;
        checks.issuer = entra;
        checks.client_id = "gate";
        checks.nonce = "n";
        checks.now = 1700000000;
        checks.tenants = tenants;
        const auto got = oidc::verify_id_token(token, keys, checks);
        expect(got.status == row.status,
               row.kid + ' ' + row.issuer + ' ' + row.tid + ": " + std::string(sentence(got.status)));
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_template_stands_for_one_segment_of_a_path),
        cmocka_unit_test(metadata_for_many_tenants_needs_a_list_of_them),
        cmocka_unit_test(a_token_is_of_a_listed_tenant_and_of_its_issuer),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
