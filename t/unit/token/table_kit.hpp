// Shared by tests of the token table: memory, numbered tokens, and shorthands for requests.
#pragma once

#include <cstring>
#include <memory>
#include <span>

#include "core/token/token_table.hpp"
#include "unit.hpp"

namespace unit {

using namespace auth_gate;

inline constexpr std::uint32_t ws = purpose_id("ws");
inline constexpr std::uint32_t download = purpose_id("download");
inline constexpr std::uint32_t all = 0xffffffff;

inline constexpr AcceptedPurpose strict_ws[] = {{ws, 0}};
inline constexpr AcceptedPurpose strict_download[] = {{download, 0}};
inline constexpr AcceptedPurpose leased_ws[] = {{ws, 5000}};

// Zeroed memory of exactly a table's size, so that AddressSanitizer detects an access beyond its end.
class Memory {
public:
    explicit Memory(std::uint32_t capacity)
        : size_(TokenTable::bytes_for(capacity)), words_(std::make_unique<std::uint64_t[]>((size_ + 7) / 8)) {
        TokenTable(words_.get()).format(capacity);
    }

    TokenTable table() const { return TokenTable(words_.get()); }
    void* data() const { return words_.get(); }
    std::size_t size() const { return size_; }

private:
    std::size_t size_;
    std::unique_ptr<std::uint64_t[]> words_;
};

// As uniformly distributed as a SHA-256, and different for each number.
inline Digest digest_of(std::uint64_t n) {
    Random random(n * 4 + 0x70ce);
    Digest digest;
    for (std::size_t at = 0; at < digest.size(); at += 8) {
        const std::uint64_t word = random.next();
        std::memcpy(digest.data() + at, &word, sizeof(word));
    }
    return digest;
}

inline std::uint64_t user_key_of(std::uint64_t user) {
    return Random(user + 0x5e1).next();
}

// Token number `n` for user number `user`, put at `now`.
inline TokenGrant grant_of(std::uint64_t n, std::uint64_t user, std::uint64_t lifetime, std::uint64_t now) {
    TokenGrant grant;
    grant.digest = digest_of(n);
    grant.purpose = ws;
    grant.demands.key_set_id = 77;
    grant.user = {UserId::Kind::integer, std::to_string(user)};
    grant.user_key = user_key_of(user);
    grant.lifetime_ms = lifetime;
    grant.expires_ms = now + lifetime;
    return grant;
}

inline Presented presenting(std::uint64_t n, std::span<const AcceptedPurpose> accepted = strict_ws,
                            std::uint64_t binding = 1) {
    Presented presented;
    presented.digest = digest_of(n);
    presented.accepted = accepted;
    presented.demands.key_set_id = 77;
    presented.binding = binding;
    return presented;
}

inline Presented looking(std::uint64_t n, std::uint64_t binding = 1) {
    Presented presented = presenting(n, strict_ws, binding);
    presented.spend = false;
    return presented;
}

inline TakeStatus take(TokenTable& table, const Presented& presented, std::uint64_t now) {
    return table.take(presented, now).status;
}

}  // namespace unit
