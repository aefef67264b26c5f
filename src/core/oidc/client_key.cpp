#include "core/oidc/client_key.hpp"

#include "core/base/base64url.hpp"
#include "core/base/bytes.hpp"
#include "core/json/json.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

namespace auth_gate::oidc {

namespace {

constexpr int fewest_rsa_bits = 2048;  // RFC 7518, 3.3

// The algorithm that providers take from a key of this type.
std::optional<std::string_view> algorithm_of(const EVP_PKEY* key) noexcept {
    const int bits = EVP_PKEY_get_bits(key);
    if (EVP_PKEY_is_a(key, "RSA")) {
        return bits >= fewest_rsa_bits ? std::optional<std::string_view>("RS256") : std::nullopt;
    }
    if (EVP_PKEY_is_a(key, "ED25519")) {
        return "EdDSA";
    }
    char group[32] = "";
    if (!EVP_PKEY_is_a(key, "EC") || EVP_PKEY_get_group_name(key, group, sizeof(group), nullptr) != 1) {
        return std::nullopt;
    }
    const std::string_view name = group;
    if (name == "prime256v1") {
        return "ES256";
    }
    if (name == "secp384r1") {
        return "ES384";
    }
    return name == "secp521r1" ? std::optional<std::string_view>("ES512") : std::nullopt;
}

// The r and s of a DER signature, each as long as a coordinate (RFC 7518, 3.4).
std::optional<std::string> raw_of(std::string_view der, int size) {
    const unsigned char* at = as_bytes(der).data();
    ECDSA_SIG* both = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
    if (both == nullptr) {
        return std::nullopt;
    }
    std::string raw(static_cast<std::size_t>(2 * size), '\0');
    const bool fits = BN_bn2binpad(ECDSA_SIG_get0_r(both), as_bytes(raw).data(), size) == size &&
                      BN_bn2binpad(ECDSA_SIG_get0_s(both), as_bytes(raw).data() + size, size) == size;
    ECDSA_SIG_free(both);
    return fits ? std::optional(std::move(raw)) : std::nullopt;
}

}  // namespace

void ClientKey::Release::operator()(evp_pkey_st* key) const noexcept {
    EVP_PKEY_free(key);
}

std::optional<ClientKey> ClientKey::from_pem(std::string_view pem, std::string_view kid) {
    // Without this, OpenSSL would ask at the terminal for the password of a key that has one.
    const auto no_password = [](char*, int, int, void*) { return -1; };

    BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    ClientKey key;
    key.key_.reset(bio == nullptr ? nullptr : PEM_read_bio_PrivateKey(bio, nullptr, no_password, nullptr));
    BIO_free(bio);
    const auto name = key.key_ == nullptr ? std::nullopt : algorithm_of(key.key_.get());
    if (!name) {
        ERR_clear_error();
        return std::nullopt;
    }
    key.algorithm_ = *algorithm_named(*name);
    key.header_ = R"({"alg":")" + std::string(*name) + R"(","typ":"JWT")" +
                  (kid.empty() ? "" : R"(,"kid":)" + json::quote(kid)) + '}';
    return key;
}

std::optional<std::string> ClientKey::sign(std::string_view payload) const {
    std::string text = base64url::encode(header_) + '.' + base64url::encode(payload);
    const EVP_MD* hash = algorithm_ == Algorithm::eddsa ? nullptr : hash_function(algorithm_);
    std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())), '\0');
    std::size_t size = signature.size();
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    const bool made =
        context != nullptr && EVP_DigestSignInit(context, nullptr, hash, nullptr, key_.get()) == 1 &&
        EVP_DigestSign(context, as_bytes(signature).data(), &size, as_bytes(text).data(), text.size()) == 1;
    EVP_MD_CTX_free(context);
    if (!made) {
        ERR_clear_error();
        return std::nullopt;
    }
    signature.resize(size);
    const auto raw =
        is_ecdsa(algorithm_) ? raw_of(signature, (EVP_PKEY_get_bits(key_.get()) + 7) / 8) : std::optional(signature);
    if (!raw) {
        return std::nullopt;
    }
    return text + '.' + base64url::encode(*raw);
}

}  // namespace auth_gate::oidc
