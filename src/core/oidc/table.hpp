// Login records in shared memory.
//
// The caller holds the zone's lock for every call. Nothing here allocates, hashes, logs or makes a system call. A
// process may be killed at any instruction, so a record's state is written last and cleared first: nothing is taken
// twice, and a half-written record is a free slot.
//
// Each kind of record has slots of its own, so that a flood of one kind does not evict the others. Within a kind the
// digest selects a bucket of 16 slots. In a full bucket the owner with the most records loses the one that expires
// first, so a client that floods the table evicts its own records.
#pragma once

#include "core/oidc/store.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace auth_gate::oidc {

class RecordTable {
public:
    // Records at a time, each rounded down to a multiple of 16.
    struct Capacity {
        std::uint32_t flows = 0;
        std::uint32_t codes = 0;
        std::uint32_t mfa_sessions = 0;
    };

    // 568 bytes for a flow, 1000 for a code, 64 for a session with MFA.
    static std::size_t bytes_for(const Capacity& capacity) noexcept;

    // A view of zeroed memory that the caller owns, aligned to 8 bytes.
    RecordTable(void* memory, const Capacity& capacity) noexcept;

    // See Store.
    bool put(RecordKind kind, const Digest& digest, std::uint64_t owner, std::string_view payload,
             std::uint64_t expires_ms, std::uint64_t now_ms) noexcept;

    Record take(RecordKind kind, const Digest& digest, std::uint64_t now_ms) noexcept;
    Record look(RecordKind kind, const Digest& digest, std::uint64_t now_ms) const noexcept;

    // Wipes expired records, and what killed processes left behind, in the next `slots` slots after `cursor`, which
    // wraps around.
    void wipe_expired(std::uint32_t& cursor, std::uint32_t slots, std::uint64_t now_ms) noexcept;

private:
    struct Slot;
    struct Region;

    Region region(RecordKind kind) const noexcept;

    unsigned char* memory_;
    Capacity capacity_;
};

}  // namespace auth_gate::oidc
