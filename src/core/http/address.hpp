// Which IP addresses belong to the public internet (IANA's registries of special-purpose addresses, RFC 6890).
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace auth_gate::address {

using V4 = std::array<std::uint8_t, 4>;   // in network order
using V6 = std::array<std::uint8_t, 16>;  // in network order

// False for loopback, private, link-local, shared, multicast and reserved addresses. An IPv6 address that stands for an
// IPv4 one (mapped, NAT64, 6to4, ISATAP) is as public as that one.
bool is_public(const V4& address) noexcept;
bool is_public(const V6& address) noexcept;

// Whether a URL's host may be public: a name may, before it is resolved, unless it is localhost. Numbers are read as
// resolvers read them: 127.1 and 0x7f000001 are 127.0.0.1. An IPv6 address has no brackets. Throws bad_alloc.
bool may_be_public(std::string host);

}  // namespace auth_gate::address
