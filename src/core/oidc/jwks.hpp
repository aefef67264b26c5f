// A provider's public keys (RFC 7517, 7518, 8037) and the verification of signatures with them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct evp_pkey_st;

namespace auth_gate::oidc {

// The algorithms that are accepted for id_tokens. None of them is symmetric.
enum class Algorithm : std::uint8_t { rs256, ps256, es256, eddsa };

// Spelled exactly as in RFC 7518 and RFC 8037. Nothing for "none", HS256 and all others.
std::optional<Algorithm> algorithm_named(std::string_view name) noexcept;

class KeySet {
public:
    static constexpr std::size_t most_keys = 64;  // the rest is ignored

    KeySet();
    ~KeySet();
    KeySet(KeySet&&) noexcept;
    KeySet& operator=(KeySet&&) noexcept;

    // Nothing if the text is not a JWK Set. Unusable keys are left out (RFC 7517, 5): unknown types, RSA below 2048
    // bits, use "enc", curves other than P-256 and Ed25519.
    static std::optional<KeySet> parse(std::string_view text);

    class Key;

    // The first key with this kid that fits the algorithm; without a kid, the only key that fits (OpenID Connect Core,
    // 10.1). Null if there is none, or if there are several and no kid. The set owns the key.
    const Key* find(Algorithm algorithm, std::optional<std::string_view> kid) const noexcept;

    std::size_t size() const noexcept;

private:
    std::vector<Key> keys_;
};

// Verifies a signature in JWS form (for ES256 the 64 bytes of RFC 7518, 3.4). False if the key is of another type.
bool verify_signature(const KeySet::Key& key, Algorithm algorithm, std::string_view signed_text,
                      std::string_view signature);

}  // namespace auth_gate::oidc
