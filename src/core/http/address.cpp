#include "core/http/address.hpp"

#include <algorithm>
#include <cstring>

#include <arpa/inet.h>

namespace auth_gate::address {

namespace {

template <typename Address>
struct Block {
    Address first;
    unsigned bits;  // of the prefix
};

template <typename Address>
bool contains(const Block<Address>& block, const Address& address) noexcept {
    const unsigned whole = block.bits / 8;
    if (!std::equal(address.begin(), address.begin() + whole, block.first.begin())) {
        return false;
    }
    const unsigned rest = block.bits % 8;
    return rest == 0 || (address[whole] ^ block.first[whole]) >> (8 - rest) == 0;
}

constexpr Block<V4> special_v4[] = {
    {{0}, 8},              // this network
    {{10}, 8},             // private
    {{100, 64}, 10},       // shared, behind a carrier's NAT
    {{127}, 8},            // loopback
    {{169, 254}, 16},      // link-local, metadata services of clouds
    {{172, 16}, 12},       // private
    {{192, 0, 0}, 24},     // protocol assignments
    {{192, 0, 2}, 24},     // documentation
    {{192, 88, 99}, 24},   // 6to4 relays
    {{192, 168}, 16},      // private
    {{198, 18}, 15},       // benchmarks
    {{198, 51, 100}, 24},  // documentation
    {{203, 0, 113}, 24},   // documentation
    {{224}, 4},            // multicast
    {{240}, 4},            // reserved, broadcast
};

// Only these are given out as global ones.
constexpr Block<V6> unicast_v6 = {{0x20}, 3};

constexpr Block<V6> special_v6[] = {
    {{0x20, 0x01}, 23},              // protocol assignments, Teredo
    {{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    {{0x3f, 0xff}, 20},              // documentation
};

struct Embedding {
    Block<V6> block;
    std::size_t at;  // where the IPv4 address begins
};

constexpr Embedding embeddings[] = {
    {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96}, 12},  // IPv4-mapped
    {{{0x00, 0x64, 0xff, 0x9b}, 96}, 12},                    // NAT64
    {{{0x20, 0x02}, 16}, 2},                                 // 6to4
};

// An ISATAP interface, with a global IPv4 address or another.
bool is_isatap(const V6& address) noexcept {
    return (address[8] & ~2) == 0 && address[9] == 0 && address[10] == 0x5e && address[11] == 0xfe;
}

bool is_public_at(const V6& address, std::size_t at) noexcept {
    V4 embedded;
    std::copy_n(address.begin() + static_cast<std::ptrdiff_t>(at), embedded.size(), embedded.begin());
    return is_public(embedded);
}

}  // namespace

bool is_public(const V4& address) noexcept {
    return std::none_of(std::begin(special_v4), std::end(special_v4),
                        [&](const Block<V4>& block) { return contains(block, address); });
}

bool is_public(const V6& address) noexcept {
    for (const Embedding& embedding : embeddings) {
        if (contains(embedding.block, address)) {
            return is_public_at(address, embedding.at);
        }
    }
    return contains(unicast_v6, address) &&
           std::none_of(std::begin(special_v6), std::end(special_v6),
                        [&](const Block<V6>& block) { return contains(block, address); }) &&
           (!is_isatap(address) || is_public_at(address, 12));
}

bool may_be_public(std::string host) {
    if (host.ends_with('.')) {
        host.pop_back();
    }
    V6 v6;
    if (inet_pton(AF_INET6, host.c_str(), v6.data()) == 1) {
        return is_public(v6);
    }
    in_addr number;
    if (inet_aton(host.c_str(), &number) == 1) {
        V4 v4;
        std::memcpy(v4.data(), &number, v4.size());
        return is_public(v4);
    }
    return !host.empty() && host != "localhost" && !host.ends_with(".localhost");
}

}  // namespace auth_gate::address
