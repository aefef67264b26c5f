// The names of all keys in Redis. They share a hash tag, so that a cluster keeps them together, and a prefix, so that
// an ACL can name them.
#pragma once

#include "core/base/base64url.hpp"
#include "core/base/bytes.hpp"
#include "core/base/crypto.hpp"

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace auth_gate::redis {

inline constexpr std::string_view uncounted_share = "-----------";
inline constexpr std::string_view no_session = "----------------------";

class Names {
public:
    explicit Names(std::string_view prefix) : base_(std::string(prefix) + "{gate}:") {}

    // t: tokens, f: flows, c: one-time codes, m: sessions with the provider's MFA.
    std::string record(char kind, const Digest& digest) const {
        std::string name = base_ + kind + ':';
        base64url::append(name, digest);
        return name;
    }

    std::string count(char kind) const { return base_ + "n:" + kind; }
    std::string shares(char kind) const { return base_ + "n:" + kind + ':'; }
    std::string sessions() const { return base_ + "s:"; }

private:
    std::string base_;
};

// 11 characters.
inline std::string share_name(std::uint64_t owner) {
    char bytes[sizeof(owner)];
    std::memcpy(bytes, &owner, sizeof(owner));
    return base64url::encode({bytes, sizeof(bytes)});
}

// 22 characters: half of the digest, which is enough to tell sessions apart.
inline std::string session_name(std::string_view session) {
    if (session.empty()) {
        return std::string(no_session);
    }
    const Digest digest = sha256(session);
    return base64url::encode(as_text(digest).substr(0, digest.size() / 2));
}

}  // namespace auth_gate::redis
