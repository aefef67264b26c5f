#include "core/oidc/jwks.hpp"

#include "core/base/base64url.hpp"
#include "core/base/bytes.hpp"
#include "core/json/json.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <span>

namespace auth_gate::oidc {

namespace {

constexpr int fewest_rsa_bits = 2048;  // RFC 7518, 3.3
constexpr int most_rsa_bits = 8192;    // verification takes quadratic time
constexpr std::size_t longest_exponent = 8;
constexpr std::size_t ed25519_size = 32;

struct Curve {
    std::string_view name;  // RFC 7518, 6.2.1.1
    const char* group;      // OpenSSL's name
    KeyType type;
    std::size_t coordinate_size;  // bytes
};

constexpr Curve curves[] = {
    {"P-256", "prime256v1", KeyType::p256, 32},
    {"P-384", "secp384r1", KeyType::p384, 48},
    {"P-521", "secp521r1", KeyType::p521, 66},
};

template <auto release>
struct Releasing {
    void operator()(auto* object) const noexcept { release(object); }
};

using Pkey = std::unique_ptr<EVP_PKEY, Releasing<&EVP_PKEY_free>>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, Releasing<&EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Releasing<&EVP_MD_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Releasing<&BN_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Releasing<&ECDSA_SIG_free>>;
using ParameterBuilder = std::unique_ptr<OSSL_PARAM_BLD, Releasing<&OSSL_PARAM_BLD_free>>;
using ParameterList = std::unique_ptr<OSSL_PARAM, Releasing<&OSSL_PARAM_free>>;

Number number_of(std::string_view bytes) noexcept {
    return Number(BN_bin2bn(as_bytes(bytes).data(), static_cast<int>(bytes.size()), nullptr));
}

Pkey pkey_from(const char* type, OSSL_PARAM_BLD* builder) noexcept {
    const ParameterList parameters(OSSL_PARAM_BLD_to_param(builder));
    const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    if (parameters == nullptr || context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
        return nullptr;
    }
    return Pkey(key);
}

std::optional<std::string> bytes_at(const json_t* jwk, std::string_view name) {
    const auto text = json::string(json::member(jwk, name));
    return text ? base64url::decode(*text) : std::nullopt;
}

Pkey rsa_key(const json_t* jwk) {
    const auto modulus = bytes_at(jwk, "n"), exponent = bytes_at(jwk, "e");
    if (!modulus || !exponent || modulus->size() > most_rsa_bits / 8 + 1 || exponent->size() > longest_exponent) {
        return nullptr;
    }
    const Number n = number_of(*modulus), e = number_of(*exponent);
    const ParameterBuilder builder(OSSL_PARAM_BLD_new());
    if (n == nullptr || e == nullptr || builder == nullptr || BN_num_bits(n.get()) < fewest_rsa_bits ||
        BN_num_bits(n.get()) > most_rsa_bits || !BN_is_odd(n.get()) || !BN_is_odd(e.get()) || BN_is_one(e.get()) ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
        return nullptr;
    }
    return pkey_from("RSA", builder.get());
}

// OpenSSL refuses a point that is not on the curve.
Pkey ec_key(const json_t* jwk, const Curve& curve) {
    const auto x = bytes_at(jwk, "x"), y = bytes_at(jwk, "y");
    if (!x || !y || x->size() != curve.coordinate_size || y->size() != curve.coordinate_size) {
        return nullptr;
    }
    const std::string point = '\x04' + *x + *y;  // SEC 1, 2.3.3: uncompressed
    const ParameterBuilder builder(OSSL_PARAM_BLD_new());
    if (builder == nullptr ||
        OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve.group, 0) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1) {
        return nullptr;
    }
    return pkey_from("EC", builder.get());
}

Pkey ed25519_key(const json_t* jwk) {
    const auto x = bytes_at(jwk, "x");
    if (!x || x->size() != ed25519_size) {
        return nullptr;
    }
    return Pkey(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, as_bytes(*x).data(), x->size()));
}

bool is_for_verifying(const json_t* jwk) noexcept {
    const json_t* use = json::member(jwk, "use");
    if (use != nullptr && json::string(use) != "sig") {
        return false;
    }
    const json_t* operations = json::member(jwk, "key_ops");
    if (operations == nullptr) {
        return true;
    }
    for (std::size_t i = 0; i < json_array_size(operations); ++i) {
        if (json::string(json_array_get(operations, i)) == "verify") {
            return true;
        }
    }
    return false;
}

// Converts r and s, each as long as a coordinate, to the DER that OpenSSL reads.
std::string der_of(std::string_view signature, KeyType type) {
    const auto* curve =
        std::find_if(std::begin(curves), std::end(curves), [&](const Curve& c) { return c.type == type; });
    if (curve == std::end(curves) || signature.size() != 2 * curve->coordinate_size) {
        return {};
    }
    const std::size_t size = curve->coordinate_size;
    Number r = number_of(signature.substr(0, size)), s = number_of(signature.substr(size));
    const EcdsaSignature both(ECDSA_SIG_new());
    if (r == nullptr || s == nullptr || both == nullptr || ECDSA_SIG_set0(both.get(), r.get(), s.get()) != 1) {
        return {};
    }
    static_cast<void>(r.release());
    static_cast<void>(s.release());
    unsigned char* der = nullptr;
    const int der_size = i2d_ECDSA_SIG(both.get(), &der);
    const std::unique_ptr<unsigned char, Releasing<[](unsigned char* data) { OPENSSL_free(data); }>> owned(der);
    return der_size > 0 ? std::string(as_text({der, static_cast<std::size_t>(der_size)})) : std::string();
}

bool use_pss(EVP_PKEY_CTX* context, const EVP_MD* hash) noexcept {
    // RFC 7518, 3.5: MGF1 uses the same hash function, and the salt is as long as the hash.
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(context, hash) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

}  // namespace

class KeySet::Key {
public:
    KeyType type{};
    Pkey pkey;
    std::optional<std::string> kid;
    std::string issuer;
    std::optional<Algorithm> only;  // the key's own alg

    bool fits(Algorithm algorithm) const noexcept {
        return type == key_type(algorithm) && (!only || only == algorithm);
    }

    static std::optional<Key> from(const json_t* jwk);
};

std::optional<KeySet::Key> KeySet::Key::from(const json_t* jwk) {
    const json_t* kid = json::member(jwk, "kid");
    const json_t* alg = json::member(jwk, "alg");
    if (!is_for_verifying(jwk) || (kid != nullptr && !json_is_string(kid))) {
        return std::nullopt;
    }
    Key key;
    if (kid != nullptr) {
        key.kid = std::string(*json::string(kid));
    }
    key.issuer = json::string(json::member(jwk, "issuer")).value_or("");
    if (alg != nullptr) {
        key.only = algorithm_named(json::string(alg).value_or(""));
        if (!key.only) {
            return std::nullopt;
        }
    }

    const auto kty = json::string(json::member(jwk, "kty")), curve = json::string(json::member(jwk, "crv"));
    if (kty == "RSA") {
        key.type = KeyType::rsa;
        key.pkey = rsa_key(jwk);
    } else if (const auto* known =
                   std::find_if(std::begin(curves), std::end(curves), [&](const Curve& c) { return c.name == curve; });
               kty == "EC" && known != std::end(curves)) {
        key.type = known->type;
        key.pkey = ec_key(jwk, *known);
    } else if (kty == "OKP" && curve == "Ed25519") {
        key.type = KeyType::ed25519;
        key.pkey = ed25519_key(jwk);
    }
    if (key.pkey == nullptr) {
        ERR_clear_error();
        return std::nullopt;
    }
    return key;
}

KeySet::KeySet() = default;
KeySet::~KeySet() = default;
KeySet::KeySet(KeySet&&) noexcept = default;
KeySet& KeySet::operator=(KeySet&&) noexcept = default;

std::optional<KeySet> KeySet::parse(std::string_view text) {
    const json::Value document = json::parse_object(text);
    const json_t* keys = json::member(document.get(), "keys");
    if (!json_is_array(keys)) {
        return std::nullopt;
    }
    KeySet set;
    for (std::size_t i = 0; i < std::min(json_array_size(keys), most_keys); ++i) {
        if (auto key = Key::from(json_array_get(keys, i))) {
            set.keys_.push_back(std::move(*key));
        }
    }
    return set;
}

std::vector<const KeySet::Key*> KeySet::find(Algorithm algorithm, std::optional<std::string_view> kid) const {
    std::vector<const Key*> named, nameless;
    for (const Key& key : keys_) {
        if (key.fits(algorithm) && (!kid || key.kid == kid)) {
            named.push_back(&key);
        } else if (key.fits(algorithm) && !key.kid) {
            nameless.push_back(&key);
        }
    }
    return named.empty() ? nameless : named;
}

std::size_t KeySet::size() const noexcept {
    return keys_.size();
}

std::string_view issuer_of(const KeySet::Key& key) noexcept {
    return key.issuer;
}

bool verify_signature(const KeySet::Key& key, Algorithm algorithm, std::string_view signed_text,
                      std::string_view signature) {
    if (!key.fits(algorithm)) {
        return false;
    }
    const std::string given = is_ecdsa(algorithm) ? der_of(signature, key.type) : std::string(signature);
    const DigestContext context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* key_context = nullptr;  // owned by the digest context
    const EVP_MD* hash = algorithm == Algorithm::eddsa ? nullptr : hash_function(algorithm);
    const bool matches = context != nullptr && !given.empty() &&
                         EVP_DigestVerifyInit(context.get(), &key_context, hash, nullptr, key.pkey.get()) == 1 &&
                         (!uses_pss(algorithm) || use_pss(key_context, hash)) &&
                         EVP_DigestVerify(context.get(), as_bytes(given).data(), given.size(),
                                          as_bytes(signed_text).data(), signed_text.size()) == 1;
    if (!matches) {
        ERR_clear_error();  // or nginx would log OpenSSL's error with an unrelated connection
    }
    return matches;
}

}  // namespace auth_gate::oidc
