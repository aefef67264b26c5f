// The private key that the gate says with who it is (private_key_jwt; OpenID Connect Core, 9).
#pragma once

#include "core/oidc/algorithm.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct evp_pkey_st;

namespace auth_gate::oidc {

class ClientKey {
public:
    // Nothing if the PEM has no private key without a password, or one of another type than RSA of 2048 bits or more,
    // P-256, P-384, P-521 or Ed25519. `kid` may be empty.
    static std::optional<ClientKey> from_pem(std::string_view pem, std::string_view kid);

    // header.payload.signature. Nothing if OpenSSL fails.
    std::optional<std::string> sign(std::string_view payload) const;

private:
    struct Release {
        void operator()(evp_pkey_st* key) const noexcept;
    };

    std::unique_ptr<evp_pkey_st, Release> key_;
    std::string header_;  // JOSE
    Algorithm algorithm_{};
};

}  // namespace auth_gate::oidc
