// A provider's public keys (RFC 7517, 7518, 8037) and the verification of signatures with them.
#pragma once

#include "core/oidc/algorithm.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct evp_pkey_st;

namespace auth_gate::oidc {

class KeySet {
public:
    static constexpr std::size_t most_keys = 64;  // the rest is ignored

    KeySet();
    ~KeySet();
    KeySet(KeySet&&) noexcept;
    KeySet& operator=(KeySet&&) noexcept;

    // Nothing if the text is not a JWK Set. Unusable keys are left out (RFC 7517, 5): unknown types, RSA below 2048
    // bits, use "enc", curves other than P-256, P-384, P-521 and Ed25519.
    static std::optional<KeySet> parse(std::string_view text);

    class Key;

    // The keys that may have made a signature: those with this kid that fit the algorithm, or, if no key has it, those
    // that have no kid at all. Without a kid, all that fit. The set owns the keys.
    std::vector<const Key*> find(Algorithm algorithm, std::optional<std::string_view> kid) const;

    std::size_t size() const noexcept;

private:
    std::vector<Key> keys_;
};

// Whose tokens alone the key signs, as some providers of many tenants say; may be a template. Empty: not said.
std::string_view issuer_of(const KeySet::Key& key) noexcept;

// Verifies a signature in JWS form (for ES256, ES384 and ES512 that of RFC 7518, 3.4). False if the key is of another
// type.
bool verify_signature(const KeySet::Key& key, Algorithm algorithm, std::string_view signed_text,
                      std::string_view signature);

}  // namespace auth_gate::oidc
