#include "core/oidc/client_key.hpp"

#include "core/jwt/jws.hpp"
#include "oidc/kit.hpp"

namespace {

using namespace unit;
using oidc::Algorithm;
using oidc::ClientKey;

void what_it_signs_verifies_with_its_public_key(void**) {
    struct Row {
        const SigningKey& key;
        Algorithm algorithm;
        std::string_view name;
    };
    const Row rows[] = {
        {SigningKey::rsa(), Algorithm::rs256, "RS256"},     {SigningKey::p256(), Algorithm::es256, "ES256"},
        {SigningKey::p384(), Algorithm::es384, "ES384"},    {SigningKey::p521(), Algorithm::es512, "ES512"},
        {SigningKey::ed25519(), Algorithm::eddsa, "EdDSA"},
    };
    for (const Row& row : rows) {
        const auto key = ClientKey::from_pem(row.key.pem(), "k\"1");
        expect(key.has_value(), row.name);
        for (int i = 0; i < 20; ++i) {  // r and s have leading zeros now and then
            const std::string token = key->sign(R"({"iss":"gate"})").value();
            const auto parts = jws::split(token);
            expect(parts.has_value(), token);
            expect_equal(base64url::decode(parts->header).value(),
                         R"({"alg":")" + std::string(row.name) + R"(","typ":"JWT","kid":"k\"1"})", row.name);
            expect_equal(base64url::decode(parts->payload).value(), R"({"iss":"gate"})", row.name);
            const oidc::KeySet keys = key_set({row.key.jwk()});
            expect(oidc::verify_signature(*keys.find(row.algorithm, std::nullopt).at(0), row.algorithm,
                                          parts->signed_text, base64url::decode(parts->signature).value()),
                   row.name);
        }
    }
    const std::string token = ClientKey::from_pem(SigningKey::rsa().pem(), "")->sign("{}").value();
    expect_equal(base64url::decode(token.substr(0, token.find('.'))).value(), R"({"alg":"RS256","typ":"JWT"})",
                 "no kid");
}

void other_keys_are_refused(void**) {
    const SigningKey small(EVP_RSA_gen(1024)), other_curve(EVP_EC_gen("secp256k1")),
        for_agreement(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"));
    const std::string cut = SigningKey::rsa().pem().substr(0, 500);
    const std::string with_password =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIG\n-----END ENCRYPTED PRIVATE KEY-----\n";
    for (const std::string& pem :
         {""s, "x"s, cut, with_password, small.pem(), other_curve.pem(), for_agreement.pem()}) {
        expect(!ClientKey::from_pem(pem, "").has_value(), pem);
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(what_it_signs_verifies_with_its_public_key),
        cmocka_unit_test(other_keys_are_refused),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
