// Users' identities in shared memory, kept for a few seconds each.
//
// The caller holds the zone's lock for every call. A process may be killed at any instruction, so an entry's key is
// written last and cleared first: nobody gets another user's identity.
#pragma once

#include "core/base/single_flight.hpp"
#include "core/identity/identity.hpp"

#include <cstddef>
#include <cstdint>

namespace auth_gate {

class IdentityTable {
public:
    static std::size_t bytes_for(std::uint32_t capacity) noexcept;

    // A view of zeroed memory. The capacity is rounded down to whole buckets.
    IdentityTable(void* memory, std::uint32_t capacity) noexcept;

    // A copy, made without allocating.
    struct Found {
        Turn turn = Turn::none;    // none: the identity is known
        std::uint32_t ticket = 0;  // when it is the caller's turn: for store() or give_up()
        bool mfa = false;
        std::uint8_t role_size = 0;
        char role[Identity::longest_role];
    };

    // `key` is not 0. After `asking_ms` without an answer the next caller asks.
    Found look_up(std::uint64_t key, std::uint64_t now_ms, std::uint64_t asking_ms) noexcept;

    // Does nothing if the ticket is stale: the user was dropped, or somebody else asks by now.
    void store(std::uint64_t key, std::uint32_t ticket, const Identity& identity, std::uint64_t expires_ms) noexcept;
    void give_up(std::uint64_t key, std::uint32_t ticket) noexcept;

    // For a user whose identity has changed.
    void drop(std::uint64_t key) noexcept;

private:
    struct Entry;

    Entry* find(std::uint64_t key) noexcept;
    Entry& claim(std::uint64_t key) noexcept;
    Entry* bucket(std::uint64_t key) noexcept;

    Entry* entries_;
    std::uint32_t buckets_;
};

}  // namespace auth_gate
