// Records of logins in a piece of shared memory: flows, one-time codes, and which sessions have the provider's MFA.
//
// The caller holds the zone's lock for every call. Nothing here allocates, hashes, logs or calls the system. A process
// may be killed at any instruction: a record's state is written last and cleared first, so that nothing is taken twice
// and what was left half-written is a free place.
//
// Each kind has places of its own, so that a flood of one does not touch the others. Within a kind a record has one of
// 16 places, by its digest. When all are taken, the owner (a client's address, a user) with the most of them loses the
// one that expires first: whoever floods the table pushes out their own.
#pragma once

#include "core/base/crypto.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace auth_gate {

class OidcTable {
public:
    enum class Kind : std::uint8_t {
        flow,  // by the digest of the state
        code,  // by the digest of the one-time code
        mfa,   // by the digest of the JWT; looked at, not taken
    };

    static constexpr std::size_t longest_payload = 512;  // bytes, of flows and codes
    static constexpr std::size_t longest_mfa_payload = 8;

    // Records at once, each rounded down to a multiple of 16.
    struct Capacity {
        std::uint32_t flows = 0;
        std::uint32_t codes = 0;
        std::uint32_t mfa_sessions = 0;
    };

    // 568 bytes for a flow or a code, 64 for a session with MFA.
    static std::size_t bytes_for(const Capacity& capacity) noexcept;

    // A view of zeroed memory, aligned to 8 bytes; the memory stays the caller's.
    OidcTable(void* memory, const Capacity& capacity) noexcept;

    // False when the payload is too long, or the kind has no places. One digest has one record: the last.
    bool put(Kind kind, const Digest& digest, std::uint64_t owner, std::string_view payload, std::uint64_t expires_ms,
             std::uint64_t now_ms) noexcept;

    // A copy without allocation, as secret as the record; wiped on destruction.
    struct Found {
        bool found = false;
        std::uint16_t size = 0;
        char bytes[longest_payload];

        ~Found();
        std::string_view payload() const noexcept { return {bytes, size}; }
    };

    // Once: the record is gone and wiped, whether it had expired or not.
    Found take(Kind kind, const Digest& digest, std::uint64_t now_ms) noexcept;

    // Leaves the record where it is.
    Found look(Kind kind, const Digest& digest, std::uint64_t now_ms) const noexcept;

    // Wipes expired records, and what killed processes left, in the next `places` places behind `cursor`, which goes
    // round.
    void wipe_expired(std::uint32_t& cursor, std::uint32_t places, std::uint64_t now_ms) noexcept;

private:
    struct Slot;
    struct Region;

    Region region(Kind kind) const noexcept;

    unsigned char* memory_;
    Capacity capacity_;
};

}  // namespace auth_gate
