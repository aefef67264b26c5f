// Identities of users in a piece of shared memory, for a few seconds each.
//
// The caller holds the zone's lock for every call. A process may be killed at any instruction: an entry's
// key is written last and cleared first, so that nobody gets another user's identity.
#pragma once

#include "core/identity/identity.hpp"

#include <cstddef>
#include <cstdint>

namespace auth_gate {

class IdentityTable {
public:
    static std::size_t bytes_for(std::uint32_t capacity) noexcept;

    // A view of zeroed memory; capacity is rounded down to a whole number of buckets.
    IdentityTable(void* memory, std::uint32_t capacity) noexcept;

    enum class Status : std::uint8_t {
        known,
        ask,   // the caller is the one to ask, and must store() or give_up()
        wait,  // somebody else is asking
    };

    // A copy without allocation.
    struct Found {
        Status status = Status::ask;
        std::uint32_t ticket = 0;  // with ask: hand it to store()
        bool mfa = false;
        std::uint8_t role_size = 0;
        char role[Identity::longest_role];
    };

    // `asking_ms`: how long one who asks may take before the next one does. key is not 0.
    Found look_up(std::uint64_t key, std::uint64_t now_ms, std::uint64_t asking_ms) noexcept;

    // Kept only when nobody dropped the user since `ticket` was given out.
    void store(std::uint64_t key, std::uint32_t ticket, const Identity& identity, std::uint64_t expires_ms) noexcept;
    void give_up(std::uint64_t key, std::uint32_t ticket) noexcept;

    // The user's identity has changed.
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
