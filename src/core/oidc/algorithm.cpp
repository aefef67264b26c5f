#include "core/oidc/algorithm.hpp"

#include <openssl/evp.h>

namespace auth_gate::oidc {

namespace {

struct Row {
    std::string_view name;
    const EVP_MD* (*hash)();
    KeyType type;
    bool pss;
};

// In the order of Algorithm.
constexpr Row rows[] = {
    {"RS256", EVP_sha256, KeyType::rsa, false},  {"RS384", EVP_sha384, KeyType::rsa, false},
    {"RS512", EVP_sha512, KeyType::rsa, false},  {"PS256", EVP_sha256, KeyType::rsa, true},
    {"PS384", EVP_sha384, KeyType::rsa, true},   {"PS512", EVP_sha512, KeyType::rsa, true},
    {"ES256", EVP_sha256, KeyType::p256, false}, {"ES384", EVP_sha384, KeyType::p384, false},
    {"ES512", EVP_sha512, KeyType::p521, false}, {"EdDSA", EVP_sha512, KeyType::ed25519, false},
};

const Row& row(Algorithm algorithm) noexcept {
    return rows[static_cast<std::size_t>(algorithm)];
}

}  // namespace

std::optional<Algorithm> algorithm_named(std::string_view name) noexcept {
    for (std::size_t i = 0; i < std::size(rows); ++i) {
        if (rows[i].name == name) {
            return static_cast<Algorithm>(i);
        }
    }
    return std::nullopt;
}

KeyType key_type(Algorithm algorithm) noexcept {
    return row(algorithm).type;
}

const evp_md_st* hash_function(Algorithm algorithm) noexcept {
    return row(algorithm).hash();
}

bool uses_pss(Algorithm algorithm) noexcept {
    return row(algorithm).pss;
}

bool is_ecdsa(Algorithm algorithm) noexcept {
    switch (key_type(algorithm)) {
    case KeyType::p256:
    case KeyType::p384:
    case KeyType::p521:
        return true;
    case KeyType::rsa:
    case KeyType::ed25519:
        return false;
    }
    return false;
}

}  // namespace auth_gate::oidc
