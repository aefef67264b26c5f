// Users' identities in shared memory, kept for a few seconds each.
//
// The caller holds the zone's lock for every call. A process may be killed at any instruction, so an entry's key is
// written last and cleared first: nobody gets another user's identity.
#pragma once

#include "core/base/single_flight.hpp"
#include "core/identity/account.hpp"
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
        bool admin = false;
        std::uint8_t role_size = 0;
        char role[Identity::longest_role];
    };

    // `key` is not none. After `asking_ms` without an answer the next caller asks.
    Found look_up(IdentityKey key, std::uint64_t now_ms, std::uint64_t asking_ms) noexcept;

    // Does nothing if the ticket is stale: somebody else asks by now.
    void store(IdentityKey key, std::uint32_t ticket, const Identity& identity, std::uint64_t expires_ms) noexcept;
    void give_up(IdentityKey key, std::uint32_t ticket) noexcept;

private:
    struct Entry;

    Entry* find(IdentityKey key) noexcept;
    Entry& claim(IdentityKey key) noexcept;
    Entry* bucket(IdentityKey key) noexcept;

    Entry* entries_;
    std::uint32_t buckets_;
};

}  // namespace auth_gate
