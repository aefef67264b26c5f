// Single-use tokens in shared memory: a hash table, a queue for each lifetime, and a count for each user.
//
// The caller holds the zone's lock during every call, unless a function's comment says otherwise. No function
// allocates, hashes, logs or makes a system call. A process may be killed at any instruction: the slots' states are
// authoritative, and the next operation rebuilds everything else from them if the previous one did not finish.
#pragma once

#include "core/token/session_texts.hpp"
#include "core/token/token.hpp"
#include "core/token/user_counts.hpp"

#include <cstdint>

namespace auth_gate {

class TokenTable {
public:
    static constexpr std::size_t longest_user_id = 41;

    // The bytes needed for `capacity` tokens, at most 160 for each, for the sessions in so many blocks, and for a
    // header.
    static std::size_t bytes_for(std::uint32_t capacity, std::uint32_t session_blocks = 0) noexcept;
    static std::uint32_t capacity_of(std::size_t bytes) noexcept;

    // A view of memory that the caller owns. Zeroed memory becomes a table by format().
    explicit TokenTable(void* memory) noexcept;

    void format(std::uint32_t capacity, std::uint32_t session_blocks = 0) noexcept;

    // Whether the memory holds a table of this layout version and capacity.
    bool is_formatted(std::uint32_t capacity, std::uint32_t session_blocks = 0) const noexcept;

    // May return `full` or `sessions_full` because of expired tokens that are still in the table: call expire() until
    // it finds none, then try again.
    PutStatus put(const TokenGrant& grant, const TokenLimits& limits, std::uint64_t now_ms) noexcept;

    // A copy of a token. The fields besides `status` are set only if is_good(status).
    struct Found {
        TakeStatus status = TakeStatus::unknown;
        std::uint32_t purpose = 0;
        std::uint32_t session_exp = 0;
        std::uint64_t account_scope = 0;
        SessionFacts facts;
        UserId::Kind user_kind = UserId::Kind::integer;
        std::uint8_t user_size = 0;
        char user[longest_user_id];
        std::size_t session_size = 0;
        char session[SessionTexts::largest];
    };

    Found take(const Presented& presented, std::uint64_t now_ms) noexcept;

    // Removes at most `most` expired tokens, and returns how many.
    std::uint32_t expire(std::uint64_t now_ms, std::uint32_t most) noexcept;

    std::uint32_t live() const noexcept;
    std::uint32_t sessions() const noexcept;

    // When the next token expires; 0 if there are none.
    std::uint64_t next_expiry_ms() noexcept;

    // Reads the memory that expire() will read, so that expire() holds the lock during no page faults and few cache
    // misses. Needs no lock: stale data only costs time.
    void look_ahead(std::uint64_t now_ms, std::uint32_t most) const noexcept;

    // Prefetch the memory that take() of this digest will read: first the bucket, later the slot it refers to. Neither
    // needs the lock.
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
    SessionTexts sessions_;
};

}  // namespace auth_gate
