// A provider's public keys (RFC 7517, 7518, 8037) and the signatures that they verify.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct evp_pkey_st;

namespace auth_gate::oidc {

// All that is accepted for id_tokens; none of them is symmetric.
enum class Algorithm : std::uint8_t { rs256, ps256, es256, eddsa };

// Exactly as RFC 7518 and RFC 8037 spell it: nothing for "none", HS256 and all others.
std::optional<Algorithm> algorithm_named(std::string_view name) noexcept;

class KeySet {
public:
    static constexpr std::size_t most_keys = 64;  // those behind are not looked at

    KeySet();
    ~KeySet();
    KeySet(KeySet&&) noexcept;
    KeySet& operator=(KeySet&&) noexcept;

    // Nothing when the text is no JWK Set. Keys that are of no use are left out (RFC 7517, 5): unknown types, RSA
    // below 2048 bits, use "enc", curves other than P-256 and Ed25519.
    static std::optional<KeySet> parse(std::string_view text);

    class Key;

    // The key that a token's header names: the first with this kid that fits the algorithm. Without a kid, the only
    // one that fits (OpenID Connect Core, 10.1). Null: none, or more than one without a kid. Owned by the set.
    const Key* find(Algorithm algorithm, std::optional<std::string_view> kid) const noexcept;

    std::size_t size() const noexcept;

private:
    std::vector<Key> keys_;
};

// A signature as a JWS has it (for ES256 the 64 bytes of RFC 7518, 3.4). False also when the key is of another type.
bool verify_signature(const KeySet::Key& key, Algorithm algorithm, std::string_view signed_text,
                      std::string_view signature);

}  // namespace auth_gate::oidc
