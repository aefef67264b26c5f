// Shared by tests of the token table: memory, numbered tokens, and shorthands for requests.
#pragma once

#include <cstring>
#include <map>
#include <memory>
#include <span>
#include <string>

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

// Enough for as many sessions as tokens.
inline std::uint32_t blocks_for(std::uint32_t capacity) {
    return capacity * 4;
}

// Zeroed memory of exactly a table's size, so that AddressSanitizer detects an access beyond its end.
class Memory {
public:
    explicit Memory(std::uint32_t capacity)
        : size_(TokenTable::bytes_for(capacity, blocks_for(capacity))),
          words_(std::make_unique<std::uint64_t[]>((size_ + 7) / 8)) {
        TokenTable(words_.get()).format(capacity, blocks_for(capacity));
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

inline AccountKey account_of(std::uint64_t user) {
    return static_cast<AccountKey>(Random(user + 0x5e1).next());
}

inline constexpr std::uint64_t usual_scopes[] = {77};

inline constexpr std::uint64_t usual_places[] = {5};

// A text for each number, of up to 340 bytes.
inline const std::string& session_of(std::uint64_t n) {
    static std::map<std::uint64_t, std::string> texts;
    std::string& text = texts[n];
    if (text.empty()) {
        text.assign(n * 37 % 340 + 1, static_cast<char>('a' + n % 26));
    }
    return text;
}

inline void set_session(TokenGrant& grant, std::uint64_t n) {
    grant.session = session_of(n);
    grant.session_hash = static_cast<std::uint32_t>(Random(n + 3).next());
}

// Token number `n` for user number `user`, put at `now`.
inline TokenGrant grant_of(std::uint64_t n, std::uint64_t user, std::uint64_t lifetime, std::uint64_t now) {
    TokenGrant grant;
    grant.digest = digest_of(n);
    grant.purpose = ws;
    grant.account_scope = 77;
    grant.user = {UserId::Kind::integer, std::to_string(user)};
    grant.account = account_of(user);
    grant.lifetime_ms = lifetime;
    grant.expires_ms = now + lifetime;
    set_session(grant, user);
    return grant;
}

inline Presented presenting(std::uint64_t n, std::span<const AcceptedPurpose> accepted = strict_ws,
                            std::uint64_t binding = 1) {
    Presented presented;
    presented.digest = digest_of(n);
    presented.accepted = accepted;
    presented.account_scopes = usual_scopes;
    presented.places = usual_places;
    presented.bindings.fill(binding);
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
