// Single-use tokens in a piece of shared memory: a hash table, a queue per lifetime and a count per user.
//
// The caller holds the zone's lock for every call. Nothing here allocates, hashes, logs or calls the
// system. A process may be killed at any instruction: the slots' states are the truth, everything else
// follows from them and is made anew by whoever finds that a predecessor did not finish.
#pragma once

#include "core/token/token.hpp"
#include "core/token/user_counts.hpp"

#include <cstdint>

namespace auth_gate {

class TokenTable {
public:
    static constexpr std::size_t longest_user_id = 41;

    // Bytes for `capacity` tokens at once: 160 each, and a header.
    static std::size_t bytes_for(std::uint32_t capacity) noexcept;
    static std::uint32_t capacity_of(std::size_t bytes) noexcept;

    // A view; the memory stays the caller's. Zeroed memory becomes a table by format().
    explicit TokenTable(void* memory) noexcept;

    void format(std::uint32_t capacity) noexcept;

    // Whether the memory holds a table of this program's layout and this capacity.
    bool is_formatted(std::uint32_t capacity) const noexcept;

    // stored, full, user_full or user_id_too_long. "full" may count tokens that expired meanwhile:
    // expire() until it finds none, then ask again.
    PutStatus put(const TokenGrant& grant, const TokenLimits& limits, std::uint64_t now_ms) noexcept;

    // A token as it came out of the table. `user` is a view into the caller's copy.
    struct Found {
        TakeStatus status = TakeStatus::unknown;
        std::uint32_t purpose = 0;
        std::uint32_t session_exp = 0;
        SessionFacts facts;
        UserId::Kind user_kind = UserId::Kind::integer;
        std::uint8_t user_size = 0;
        char user[longest_user_id];
    };

    Found take(const Presented& presented, std::uint64_t now_ms) noexcept;

    // Frees at most `most` expired tokens, and says how many.
    std::uint32_t expire(std::uint64_t now_ms, std::uint32_t most) noexcept;

    std::uint32_t live() const noexcept;

    // When the next token expires; 0 without tokens.
    std::uint64_t next_expiry_ms() noexcept;

    // Reads what expire() will, so that it holds the lock for no page fault and for few reads of far memory. Needs no
    // lock: what it finds may be out of date, which costs time and nothing else.
    void look_ahead(std::uint64_t now_ms, std::uint32_t most) const noexcept;

    // Begin to bring near what take() of this digest will read, the second what the first has brought the way to. Like
    // look_ahead() they need no lock.
    void fetch_bucket(const Digest& digest) const noexcept;
    void fetch_slot(const Digest& digest) const noexcept;

private:
    struct Header;
    struct Slot;
    struct Links;
    class Change;

    using Index = std::uint32_t;  // 1-based; 0 is none

    Slot& slot(Index i) const noexcept;
    Links& links(Index i) const noexcept;
    Index& bucket_of(const Digest& digest) const noexcept;
    Index find(const Digest& digest) const noexcept;
    Index allocate() noexcept;
    void link(Index i) noexcept;
    void unlink(Index i) noexcept;
    void enqueue(Index i) noexcept;
    void dequeue(Index i) noexcept;
    void spend(Index i) noexcept;
    void lease(Index i, std::uint64_t binding, std::uint64_t lease_ms, std::uint64_t now_ms) noexcept;
    void clear_away_spent() noexcept;
    std::uint8_t queue_for(std::uint64_t lifetime_ms) noexcept;
    std::uint32_t expire_locked(std::uint64_t now_ms, std::uint32_t most) noexcept;
    void fetch_surroundings(Index i) const noexcept;
    void rebuild() noexcept;
    Index sort_by_expiry(Index list) noexcept;

    Header* header_;
    Slot* slots_ = nullptr;
    Links* links_ = nullptr;
    Index* buckets_ = nullptr;
    UserCounts users_;
};

}  // namespace auth_gate
