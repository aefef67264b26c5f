// id_tokens: the input as it is, and its two lines as the header and the payload of a token with a good signature.
#include "core/base/base64url.hpp"
#include "core/oidc/id_token.hpp"

#include "fuzz.hpp"

#include <array>
#include <memory>

#include <openssl/evp.h>

using namespace auth_gate;

namespace {

struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

EVP_PKEY* signer() {
    static const std::array<unsigned char, 32> seed = {7};
    static const std::unique_ptr<EVP_PKEY, Free> key(
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
    return key.get();
}

const oidc::KeySet& keys() {
    static const oidc::KeySet set = [] {
        std::string x(32, '\0');
        std::size_t size = x.size();
        EVP_PKEY_get_raw_public_key(signer(), reinterpret_cast<unsigned char*>(x.data()), &size);
        return oidc::KeySet::parse(R"({"keys":[{"kty":"OKP","crv":"Ed25519","kid":"d","x":")" + base64url::encode(x) +
                                   "\"}]}")
            .value();
    }();
    return set;
}

std::string signature_of(std::string_view text) {
    const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
    std::string signature(64, '\0');
    std::size_t size = signature.size();
    EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, signer());
    EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                   reinterpret_cast<const unsigned char*>(text.data()), text.size());
    return signature;
}

oidc::IdToken check_token(std::string_view token) {
    oidc::IdTokenChecks checks;
    checks.issuer = "https://id.example";
    checks.client_id = "gate";
    checks.nonce = "nonce";
    checks.now = 1'700'000'000;
    oidc::IdToken got = oidc::verify_id_token(token, keys(), checks);
    const bool valid = got.status == oidc::IdTokenStatus::valid;
    fuzz::demand(valid == (got.claims != nullptr) && valid != got.subject.empty(),
                 "only a valid token has claims and a subject");
    return got;
}

}  // namespace

void fuzz::check(std::string_view input) {
    fuzz::demand(check_token(input).status != oidc::IdTokenStatus::valid, "nobody forges a signature");
    const auto [header, payload] = two_lines(input);
    const std::string text = base64url::encode(header) + '.' + base64url::encode(payload);
    check_token(text + '.' + base64url::encode(signature_of(text)));
}
