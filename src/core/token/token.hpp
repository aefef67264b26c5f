// Single-use tokens: their text, what a store keeps of them, and what it answers.
#pragma once

#include "core/base/crypto.hpp"
#include "core/base/pending.hpp"
#include "core/identity/account.hpp"
#include "core/token/session_facts.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace auth_gate {

constexpr std::size_t token_text_size = 64;

struct NewTokenText {
    std::array<char, token_text_size> text;  // 32 bytes from the system's CSPRNG as lower-case hex digits
    Digest digest;                           // SHA-256 of these bytes; stores never see the bytes themselves

    std::string_view view() const noexcept { return {text.data(), text.size()}; }
};

// Empty if the system's CSPRNG fails.
std::optional<NewTokenText> make_token_text() noexcept;

// Whether the text has the form of a token: 64 lower-case hex digits.
bool is_token_text(std::string_view text) noexcept;

// Whether there is something like a token anywhere in the text: 64 hex digits in a row. That must not be logged.
bool contains_token(std::string_view text) noexcept;

// The digest of a presented token. Empty if the text does not have the form of a token.
std::optional<Digest> token_digest(std::string_view text) noexcept;

// A purpose's name hashed to 32 bits, the same in every process and after every reload.
constexpr std::uint32_t purpose_id(std::string_view name) noexcept {
    std::uint32_t hash = 2166136261u;  // FNV-1a
    for (char c : name) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
    }
    return hash;
}

// Rounds down to three significant bits. Lifetimes cut short by the end of a session thus take few different values,
// each of which needs a queue in the store.
constexpr std::uint64_t shortened_lifetime(std::uint64_t left_ms) noexcept {
    int shift = 0;
    while (left_ms >> shift >= 8) {
        ++shift;
    }
    return left_ms >> shift << shift;
}

struct TokenGrant {
    Digest digest{};
    std::uint32_t purpose = 0;
    std::uint64_t account_scope = 0;  // of the session that asked for the token
    UserId user;
    std::uint32_t session_exp = 0;          // seconds since 1970, 0 for never; limits the JWTs signed for the token
    SessionFacts facts;                     // handed back at redemption
    std::string_view session;               // the same, at most SessionTexts::largest bytes; empty: none is kept
    std::uint32_t session_hash = 0;         // uniformly distributed, the same for the same session
    AccountKey account = AccountKey::none;  // in the count of tokens per user
    std::uint64_t lifetime_ms = 0;          // should take few different values: the store keeps a queue for each
    std::uint64_t expires_ms = 0;           // on the store's clock: now + lifetime
    std::uint64_t place = 0;                // keyed hash of the one place (bound_place.hpp) it is good at; 0: any
};

struct TokenLimits {
    std::uint32_t tokens = 0;
    std::uint32_t per_user = 0;
};

enum class PutStatus : std::uint8_t { stored, full, user_full, sessions_full, user_id_too_long, unavailable };

// Whose requests may repeat a lease's, beside all that makes them the same request.
enum class LeaseTo : std::uint8_t { address, agent, anybody };
inline constexpr std::size_t lease_kinds = 3;

struct AcceptedPurpose {
    std::uint32_t id = 0;
    std::uint64_t lease_ms = 0;  // 0: single use
    LeaseTo lease_to = LeaseTo::address;
    bool only_bound = false;  // a token that is good at any place is refused
};

struct Presented {
    Digest digest{};
    std::span<const AcceptedPurpose> accepted;
    std::span<const std::uint64_t> account_scopes;  // of the location, one for each key
    std::int64_t session_clock = 0;                 // seconds since 1970, minus the leeway; ends the token's session
    std::array<std::uint64_t, lease_kinds> bindings{};  // by LeaseTo: hash of the request; 0: it can have no lease
    std::span<const std::uint64_t>
        places;         // keyed hashes of the request's place, for this call; none: not computed yet
    bool spend = true;  // false leaves the token as it is, unless it has expired: for HEAD requests
};

enum class TakeStatus : std::uint8_t {
    redeemed,
    repeated,   // presented again during the lease, by the same request
    looked_at,  // valid, but not spent because Presented::spend is false
    unknown,
    expired,
    wrong_purpose,  // or wrong scope; spends the token if Presented::spend is true
    wrong_place,    // the same
    which_place,    // nothing is decided: the token is bound to a place, present it again with Presented::places
    leased_elsewhere,
    used,         // before, where the store remembers that
    unavailable,  // the store cannot say; whether the token is spent is unknown
};

// Whether the status admits the request.
constexpr bool is_good(TakeStatus status) noexcept {
    return status == TakeStatus::redeemed || status == TakeStatus::repeated || status == TakeStatus::looked_at;
}

struct Taken {
    TakeStatus status = TakeStatus::unknown;
    std::uint32_t purpose = 0;
    std::uint32_t session_exp = 0;
    std::uint64_t account_scope = 0;
    SessionFacts facts;
    UserId user;
    std::string session;

    bool good() const noexcept { return is_good(status); }
};

std::string_view sentence(TakeStatus status) noexcept;

struct Put {
    PutStatus status = PutStatus::full;
    std::uint64_t retry_after_ms = 0;  // when full: until a place is sure to become free
};

// Where tokens live. Times are milliseconds on a clock that all users of the store share. A store in shared memory
// answers before it returns; another one may answer later. Both throw bad_alloc.
class TokenStore {
public:
    virtual ~TokenStore() = default;
    virtual void put(const TokenGrant& grant, std::uint64_t now_ms, Pending<Put>& answer) = 0;
    virtual void take(const Presented& presented, std::uint64_t now_ms, Pending<Taken>& answer) = 0;

    // Whether a question takes a way over the network: then everything is asked at once, Presented::places too.
    virtual bool is_far() const noexcept { return false; }

    // A take() of this digest will follow: the store may begin to read what it needs, in two steps.
    virtual void expect(const Digest&) const noexcept {}
    virtual void expect_now(const Digest&) const noexcept {}
};

}  // namespace auth_gate
