// Single-use tokens: their text, what one stands for, and what a store of them answers.
#pragma once

#include "core/base/crypto.hpp"
#include "core/base/pending.hpp"
#include "core/identity/user_id.hpp"
#include "core/token/session_facts.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace auth_gate {

constexpr std::size_t token_text_size = 64;

struct NewTokenText {
    std::array<char, token_text_size> text;  // lower-case hex digits: 32 bytes from the system's CSPRNG
    Digest digest;                           // SHA-256 of these bytes: all that is ever stored

    std::string_view view() const noexcept { return {text.data(), text.size()}; }
};

// Nothing when the system has no randomness.
std::optional<NewTokenText> make_token_text() noexcept;

// Whether the text can be a token.
bool is_token_text(std::string_view text) noexcept;

// The digest of a presented token, or nothing when the text cannot be a token.
std::optional<Digest> token_digest(std::string_view text) noexcept;

// A purpose's name in 32 bits, the same in every process and after every reload.
constexpr std::uint32_t purpose_id(std::string_view name) noexcept {
    std::uint32_t hash = 2166136261u;  // FNV-1a
    for (char c : name) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
    }
    return hash;
}

// At most `left_ms`, and of few different values: a token of a session that ends soon ends a little sooner.
constexpr std::uint64_t shortened_lifetime(std::uint64_t left_ms) noexcept {
    int shift = 0;
    while (left_ms >> shift >= 8) {
        ++shift;
    }
    return left_ms >> shift << shift;
}

// What must be the same where a token is asked for and where it is redeemed, beside the purpose.
struct TokenDemands {
    std::uint64_t key_set_id = 0;    // the keys that sessions are verified with
    std::uint32_t requirements = 0;  // the claims that the session had to have, 0 for none
};

struct TokenGrant {
    Digest digest{};
    std::uint32_t purpose = 0;
    TokenDemands demands;
    UserId user;
    std::uint32_t session_exp = 0;  // seconds since 1970, 0 for never: what is signed for the token ends then
    SessionFacts facts;
    std::uint64_t user_key = 0;     // stands for the user in the count of the per-user share
    std::uint64_t lifetime_ms = 0;  // of few different values: the store keeps a queue for each
    std::uint64_t expires_ms = 0;   // on the store's clock: now + lifetime
};

struct TokenLimits {
    std::uint32_t tokens = 0;
    std::uint32_t per_user = 0;
};

enum class PutStatus : std::uint8_t { stored, full, user_full, user_id_too_long };

struct AcceptedPurpose {
    std::uint32_t id = 0;
    std::uint64_t lease_ms = 0;  // 0: strictly once
};

struct Presented {
    Digest digest{};
    std::span<const AcceptedPurpose> accepted;
    TokenDemands demands;       // of the location; requirements 0 asks for none
    std::uint64_t binding = 0;  // stands for the redeemer's address and path, for leases
    bool spend = true;          // false leaves the token as it is, unless it has expired: for HEAD requests
};

enum class TakeStatus : std::uint8_t {
    redeemed,
    repeated,   // presented again by its redeemer during the lease
    looked_at,  // valid, but not spent because Presented::spend is false
    unknown,
    expired,
    wrong_purpose,  // or wrong demands; spends the token if Presented::spend is true
    leased_elsewhere,
};

// Whether the status admits the request.
constexpr bool is_good(TakeStatus status) noexcept {
    return status == TakeStatus::redeemed || status == TakeStatus::repeated || status == TakeStatus::looked_at;
}

struct Taken {
    TakeStatus status = TakeStatus::unknown;
    std::uint32_t purpose = 0;
    std::uint32_t session_exp = 0;
    SessionFacts facts;
    UserId user;

    bool good() const noexcept { return is_good(status); }
};

std::string_view sentence(TakeStatus status) noexcept;

struct Put {
    PutStatus status = PutStatus::full;
    std::uint64_t retry_after_ms = 0;  // when full: until the next place is sure to be free
};

// Where tokens live. Times are milliseconds on a clock that all users of the store share. A store in shared memory
// answers before it returns; another one may answer later. Both throw bad_alloc.
class TokenStore {
public:
    virtual ~TokenStore() = default;
    virtual void put(const TokenGrant& grant, std::uint64_t now_ms, Pending<Put>& answer) = 0;
    virtual void take(const Presented& presented, std::uint64_t now_ms, Pending<Taken>& answer) = 0;

    // A take() of this digest will follow: the store may begin to read what it needs, in two steps.
    virtual void expect(const Digest&) const noexcept {}
    virtual void expect_now(const Digest&) const noexcept {}
};

}  // namespace auth_gate
