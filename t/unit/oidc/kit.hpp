// What tests of OpenID Connect share: a provider's keys, as private keys that sign and as the JWKs that it publishes.
#pragma once

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <memory>

#include "core/base/base64url.hpp"
#include "core/oidc/jwks.hpp"
#include "unit.hpp"

namespace unit {

using namespace auth_gate;

class SigningKey {
public:
    explicit SigningKey(EVP_PKEY* key) : key_(key) { expect(key != nullptr, "a key is made"); }

    static const SigningKey& rsa() {
        static const SigningKey key(EVP_RSA_gen(2048));
        return key;
    }
    static const SigningKey& other_rsa() {
        static const SigningKey key(EVP_RSA_gen(2048));
        return key;
    }
    static const SigningKey& p256() {
        static const SigningKey key(EVP_EC_gen("P-256"));
        return key;
    }
    static const SigningKey& p384() {
        static const SigningKey key(EVP_EC_gen("P-384"));
        return key;
    }
    static const SigningKey& p521() {
        static const SigningKey key(EVP_EC_gen("P-521"));
        return key;
    }
    static const SigningKey& ed25519() {
        static const SigningKey key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
        return key;
    }

    // The public key's members, without braces: R"("kty":"RSA",…)".
    std::string members() const {
        if (EVP_PKEY_is_a(key_.get(), "RSA")) {
            return R"("kty":"RSA","n":")" + number(OSSL_PKEY_PARAM_RSA_N) + R"(","e":")" +
                   number(OSSL_PKEY_PARAM_RSA_E) + '"';
        }
        if (EVP_PKEY_is_a(key_.get(), "EC")) {
            std::size_t size = 0;
            EVP_PKEY_get_octet_string_param(key_.get(), OSSL_PKEY_PARAM_PUB_KEY, nullptr, 0, &size);
            std::string point(size, '\0');
            auto* bytes = reinterpret_cast<unsigned char*>(point.data());
            expect(EVP_PKEY_get_octet_string_param(key_.get(), OSSL_PKEY_PARAM_PUB_KEY, bytes, size, &size) == 1,
                   "a point");
            const std::size_t half = (size - 1) / 2;
            const std::string curve = half == 32 ? "P-256" : half == 48 ? "P-384" : "P-521";
            return R"("kty":"EC","crv":")" + curve + R"(","x":")" + base64url::encode(point.substr(1, half)) +
                   R"(","y":")" + base64url::encode(point.substr(1 + half)) + '"';
        }
        std::string x(32, '\0');
        std::size_t size = x.size();
        expect(EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(x.data()), &size) == 1, "x");
        return R"("kty":"OKP","crv":"Ed25519","x":")" + base64url::encode(x) + '"';
    }

    std::string pem() const {
        BIO* bio = BIO_new(BIO_s_mem());
        PEM_write_bio_PrivateKey(bio, key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
        char* text = nullptr;
        const long size = BIO_get_mem_data(bio, &text);
        std::string out(text, static_cast<std::size_t>(size));
        BIO_free(bio);
        return out;
    }

    std::string jwk(std::string_view more = "") const {
        return '{' + members() + (more.empty() ? "" : ",") + std::string(more) + '}';
    }

    // The bytes that a JWS has; `salt` is the length of that of PS256 and so on, -1: as long as the hash.
    std::string sign(oidc::Algorithm algorithm, std::string_view text, int salt = -1,
                     const EVP_MD* hash = nullptr) const {
        const bool eddsa = algorithm == oidc::Algorithm::eddsa;
        const EVP_MD* function = hash != nullptr ? hash : oidc::hash_function(algorithm);
        const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
        EVP_PKEY_CTX* key_context = nullptr;
        expect(EVP_DigestSignInit(context.get(), &key_context, eddsa ? nullptr : function, nullptr, key_.get()) == 1,
               "signing");
        if (oidc::uses_pss(algorithm)) {
            EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING);
            EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, salt);
        }
        std::string signature(1024, '\0');
        std::size_t size = signature.size();
        const auto* in = reinterpret_cast<const unsigned char*>(text.data());
        expect(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, in,
                              text.size()) == 1,
               "a signature");
        signature.resize(size);
        return oidc::is_ecdsa(algorithm) ? raw(signature, (EVP_PKEY_get_bits(key_.get()) + 7) / 8) : signature;
    }

private:
    std::string number(const char* name) const {
        BIGNUM* value = nullptr;
        expect(EVP_PKEY_get_bn_param(key_.get(), name, &value) == 1, "a number of the key");
        std::string bytes(static_cast<std::size_t>(BN_num_bytes(value)), '\0');
        BN_bn2bin(value, reinterpret_cast<unsigned char*>(bytes.data()));
        BN_free(value);
        return base64url::encode(bytes);
    }

    static std::string raw(const std::string& der, int half) {
        const auto* at = reinterpret_cast<const unsigned char*>(der.data());
        ECDSA_SIG* both = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
        std::string out(static_cast<std::size_t>(2 * half), '\0');
        auto* bytes = reinterpret_cast<unsigned char*>(out.data());
        BN_bn2binpad(ECDSA_SIG_get0_r(both), bytes, half);
        BN_bn2binpad(ECDSA_SIG_get0_s(both), bytes + half, half);
        ECDSA_SIG_free(both);
        return out;
    }

    struct Free {
        void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    };
    std::unique_ptr<EVP_PKEY, Free> key_;
};

inline oidc::KeySet key_set(std::initializer_list<std::string> jwks) {
    std::string text;
    for (const std::string& jwk : jwks) {
        text += (text.empty() ? "" : ",") + jwk;
    }
    auto set = oidc::KeySet::parse(R"({"keys":[)" + text + "]}");
    expect(set.has_value(), "a JWK Set: " + text);
    return std::move(*set);
}

inline std::string jws(const SigningKey& key, oidc::Algorithm algorithm, std::string_view header,
                       std::string_view payload) {
    const std::string text = base64url::encode(header) + '.' + base64url::encode(payload);
    return text + '.' + base64url::encode(key.sign(algorithm, text));
}

}  // namespace unit
