// The memory layout of a token table, private to its sources.
//
// With a million tokens, cache misses and TLB misses take most of the time. The layout therefore puts the data that an
// operation has to wait for on few, adjacent cache lines.
#pragma once

#include "core/token/token_table.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <type_traits>

namespace auth_gate {

constexpr std::uint32_t cache_line = 64;  // bytes
constexpr std::uint32_t slot_alignment = 2 * cache_line;
constexpr std::uint32_t queue_count = 128;

// It says what a slot's binding is: of a lease, or the place that a token is bound to.
enum State : std::uint32_t { free_slot = 0, live_slot = 1, leased_slot = 2, bound_slot = 3 };

inline void set_state(std::uint32_t& state, State value) noexcept {
    std::atomic_ref<std::uint32_t>(state).store(value, std::memory_order_release);
}

struct TokenTable::Slot {
    Digest digest;
    std::uint64_t expires_ms;
    AccountKey account;
    std::uint64_t account_scope;
    std::uint32_t state;
    std::uint32_t purpose;
    std::uint64_t binding;
    SessionTexts::Index session;
    std::uint32_t session_exp;
    std::uint8_t queue;
    std::uint8_t user_kind;  // in the lower four bits; the session facts in the upper four
    std::uint8_t user_size;
    char user[longest_user_id];
    Index next;  // in the bucket
};

// A slot's neighbours in its queue. Separate from the slot because an operation on one slot changes the links of two
// others.
struct TokenTable::Links {
    Index previous;
    Index next;  // of a free slot: the next free one
};

struct TokenTable::Header {
    std::uint64_t magic;
    std::uint32_t layout_version;
    std::uint32_t capacity;
    std::uint32_t slots_at;  // offset from the header in bytes; aligns the slots
    std::uint32_t changing;  // not 0: a change was begun; the next operation rebuilds if it finds this
    std::uint32_t live;
    Index slots_used;  // slots beyond this index were never used
    Index free_slots;
    Index spent;  // a free slot that is still in its bucket, its queue and its user's count
    std::uint32_t queues_used;
    std::uint32_t session_blocks;

    // All tokens in a queue have the same lifetime, so the oldest expires first.
    struct Queue {
        std::uint64_t lifetime_ms;
        Index first;
        Index last;
    } queues[queue_count];

    std::span<Queue> used_queues() noexcept { return {queues, std::min(queues_used, queue_count)}; }
};

// Enough that few tokens share a bucket: each further token to compare is another cache miss.
constexpr std::size_t buckets_for(std::uint32_t capacity) noexcept {
    return std::size_t{capacity} * 5 / 2;
}

}  // namespace auth_gate
