// The signature algorithms of JWTs from providers (RFC 7518, 3.1; RFC 8037). None of them is symmetric.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

struct evp_md_st;

namespace auth_gate::oidc {

enum class Algorithm : std::uint8_t { rs256, rs384, rs512, ps256, ps384, ps512, es256, es384, es512, eddsa };

// A key has one type, and an algorithm is for keys of one type. Curves are types of their own.
enum class KeyType : std::uint8_t { rsa, p256, p384, p521, ed25519 };

// Spelled exactly as in RFC 7518 and RFC 8037. Nothing for "none", HS256 and all others.
std::optional<Algorithm> algorithm_named(std::string_view name) noexcept;

KeyType key_type(Algorithm algorithm) noexcept;

// The algorithm's hash function. That of EdDSA with Ed25519 is SHA-512, which is applied within it.
const evp_md_st* hash_function(Algorithm algorithm) noexcept;

// Whether an RSA signature is padded as in RFC 7518, 3.5.
bool uses_pss(Algorithm algorithm) noexcept;

// Whether a signature is r and s, one after the other (RFC 7518, 3.4).
bool is_ecdsa(Algorithm algorithm) noexcept;

}  // namespace auth_gate::oidc
