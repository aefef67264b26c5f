// What tests of the table of logins share: memory for one, digests by number, and payloads that tell their number.
#pragma once

#include <cstring>
#include <vector>

#include "core/oidc/table.hpp"
#include "unit.hpp"

namespace unit {

using namespace auth_gate;
using Kind = oidc::RecordKind;

inline constexpr Kind kinds[] = {Kind::flow, Kind::code, Kind::mfa};
inline constexpr oidc::RecordTable::Capacity one_bucket = {16, 16, 16};

// Zeroed memory of exactly the size of a table, so that AddressSanitizer sees the byte behind it.
class OidcMemory {
public:
    explicit OidcMemory(const oidc::RecordTable::Capacity& capacity)
        : capacity_(capacity), words_(oidc::RecordTable::bytes_for(capacity) / sizeof(std::uint64_t)) {}

    OidcMemory(const oidc::RecordTable::Capacity& capacity, const std::vector<char>& image) : OidcMemory(capacity) {
        std::memcpy(words_.data(), image.data(), std::min(image.size(), size()));
    }

    oidc::RecordTable table() { return oidc::RecordTable(words_.data(), capacity_); }
    std::size_t size() const { return words_.size() * sizeof(std::uint64_t); }
    std::string_view bytes() const { return {reinterpret_cast<const char*>(words_.data()), size()}; }
    std::vector<char> image() const { return {bytes().begin(), bytes().end()}; }

private:
    oidc::RecordTable::Capacity capacity_;
    std::vector<std::uint64_t> words_;
};

// As uniform as a SHA-256, and different for each number.
inline Digest login_digest(std::uint64_t n) {
    return sha256("login " + std::to_string(n));
}

inline std::size_t room_of(Kind kind) {
    switch (kind) {
    case Kind::flow:
        return oidc::Record::longest_flow;
    case Kind::code:
        return oidc::Record::longest_code;
    case Kind::mfa:
        break;
    }
    return oidc::Record::longest_mfa;
}

// As long as the kind allows, and different for each number.
inline std::string login_payload(Kind kind, std::uint64_t n) {
    std::string payload;
    for (Random random(n + 99); payload.size() < room_of(kind); payload += static_cast<char>('a' + random.below(26))) {
    }
    return payload;
}

inline bool put_login(oidc::RecordTable table, Kind kind, std::uint64_t n, std::uint64_t owner,
                      std::uint64_t expires_ms, std::uint64_t now_ms) {
    return table.put(kind, login_digest(n), owner, login_payload(kind, n), expires_ms, now_ms);
}

// Whether the record is there. It is whole, or the test fails.
inline bool has_login(oidc::RecordTable table, Kind kind, std::uint64_t n, std::uint64_t now_ms) {
    const oidc::Record found = table.look(kind, login_digest(n), now_ms);
    expect(!found.found || found.payload() == login_payload(kind, n),
           "the payload of record " + std::to_string(n) + " is whole");
    return found.found;
}

inline bool take_login(oidc::RecordTable table, Kind kind, std::uint64_t n, std::uint64_t now_ms) {
    const oidc::Record found = table.take(kind, login_digest(n), now_ms);
    expect(!found.found || found.payload() == login_payload(kind, n),
           "the payload of record " + std::to_string(n) + " is whole");
    return found.found;
}

}  // namespace unit
