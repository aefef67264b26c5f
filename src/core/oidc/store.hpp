// The store of login records: flows, one-time codes, and which sessions have the provider's MFA.
//
// Handlers hold a Store and need not know which one it is. Shared memory answers at once; a store on the network would
// answer later.
#pragma once

#include "core/base/crypto.hpp"
#include "core/base/pending.hpp"

#include <cstdint>
#include <string_view>

namespace auth_gate::oidc {

enum class RecordKind : std::uint8_t {
    flow,  // found by the digest of the state
    code,  // found by the digest of the one-time code
    mfa,   // found by the digest of the session's JWT
};

// A copy of a record's payload, made without allocating. As secret as the record, and wiped on destruction.
struct Record {
    // In bytes.
    static constexpr std::size_t longest_flow = 512;
    static constexpr std::size_t longest_code = 944;
    static constexpr std::size_t longest_mfa = 8;
    static constexpr std::size_t longest = longest_code;

    bool found = false;
    std::uint16_t size = 0;
    char bytes[longest];

    Record() = default;
    Record(const Record& other) noexcept;
    Record& operator=(const Record& other) noexcept;
    ~Record();

    std::string_view payload() const noexcept { return {bytes, size}; }
};

class Store {
public:
    // Keeps a record, in place of an earlier one with the same digest. The answer is false if the payload is too long
    // or there is no room. `owner` is whom the record counts against: a client's address or a user.
    virtual void put(RecordKind kind, const Digest& digest, std::uint64_t owner, std::string_view payload,
                     std::uint64_t lifetime_ms, Pending<bool>& kept) noexcept = 0;

    // Removes the record, expired or not. Of any number of callers one gets it.
    virtual void take(RecordKind kind, const Digest& digest, Pending<Record>& record) noexcept = 0;

    // Leaves the record where it is.
    virtual void look(RecordKind kind, const Digest& digest, Pending<Record>& record) noexcept = 0;

protected:
    ~Store() = default;
};

}  // namespace auth_gate::oidc
