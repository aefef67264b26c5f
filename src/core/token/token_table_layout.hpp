// How a token table lies in memory: for its own sources alone.
//
// With a million tokens the time goes into reading memory that is neither in the processor's caches nor on a page it
// knows: what an operation has to wait for is little, and stands together.
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

enum State : std::uint32_t { free_slot = 0, live_slot = 1, leased_slot = 2 };

inline void set_state(std::uint32_t& state, State value) noexcept {
    std::atomic_ref<std::uint32_t>(state).store(value, std::memory_order_release);
}

struct TokenTable::Slot {
    Digest digest;
    std::uint64_t expires_ms;
    std::uint64_t user_key;
    std::uint64_t key_set_id;
    std::uint32_t state;
    std::uint32_t purpose;
    std::uint64_t binding;
    std::uint32_t requirements;
    std::uint32_t session_exp;
    std::uint8_t queue;
    std::uint8_t user_kind;  // and the session facts, four bits each
    std::uint8_t user_size;
    char user[longest_user_id];
    Index next;  // in the bucket
};

// A slot's neighbours in its queue, apart from it: an operation on one slot changes the links of two others.
struct TokenTable::Links {
    Index previous;
    Index next;  // also among the free
};

struct TokenTable::Header {
    std::uint64_t magic;
    std::uint32_t layout_version;
    std::uint32_t capacity;
    std::uint32_t slots_at;  // bytes from here, so that the slots are aligned
    std::uint32_t changing;  // not 0: a change began; whoever finds it so rebuilds
    std::uint32_t live;
    Index slots_used;  // slots beyond this one were never used
    Index free_slots;
    Index spent;  // free but for its place in a queue and in its user's count
    std::uint32_t queues_used;
    std::uint32_t unused;

    // All tokens of a queue live equally long, so that the oldest is the first to expire.
    struct Queue {
        std::uint64_t lifetime_ms;
        Index first;
        Index last;
    } queues[queue_count];

    std::span<Queue> used_queues() noexcept { return {queues, std::min(queues_used, queue_count)}; }
};

// So many that few tokens share one: a second token to look at is a second read of far memory.
constexpr std::size_t buckets_for(std::uint32_t capacity) noexcept {
    return std::size_t{capacity} * 5 / 2;
}

}  // namespace auth_gate
