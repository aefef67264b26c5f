// SipHash-c-d (Aumasson, Bernstein 2012): a keyed hash. Without the key nobody can construct collisions.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace auth_gate {

struct SipHashKey {
    std::uint64_t k0 = 0;
    std::uint64_t k1 = 0;
};

template <int compression_rounds, int final_rounds>
std::uint64_t siphash(const SipHashKey& key, std::string_view text) noexcept {
    static_assert(std::endian::native == std::endian::little);

    std::uint64_t v0 = key.k0 ^ 0x736f6d6570736575;
    std::uint64_t v1 = key.k1 ^ 0x646f72616e646f6d;
    std::uint64_t v2 = key.k0 ^ 0x6c7967656e657261;
    std::uint64_t v3 = key.k1 ^ 0x7465646279746573;

    const auto mix = [&](int rounds) {
        for (int i = 0; i < rounds; ++i) {
            v0 += v1;
            v2 += v3;
            v1 = std::rotl(v1, 13) ^ v0;
            v3 = std::rotl(v3, 16) ^ v2;
            v0 = std::rotl(v0, 32) + v3;
            v2 += v1;
            v3 = std::rotl(v3, 21) ^ v0;
            v1 = std::rotl(v1, 17) ^ v2;
            v2 = std::rotl(v2, 32);
        }
    };
    const auto absorb = [&](std::uint64_t word) {
        v3 ^= word;
        mix(compression_rounds);
        v0 ^= word;
    };

    const char* at = text.data();
    std::size_t left = text.size();
    for (; left >= sizeof(std::uint64_t); left -= sizeof(std::uint64_t), at += sizeof(std::uint64_t)) {
        std::uint64_t word;
        std::memcpy(&word, at, sizeof(word));
        absorb(word);
    }
    std::uint64_t last = static_cast<std::uint64_t>(text.size()) << 56;
    if (text.size() >= sizeof(std::uint64_t) && left != 0) {
        std::uint64_t word;  // the end of the text, some of which is absorbed already
        std::memcpy(&word, at + left - sizeof(word), sizeof(word));
        last |= word >> (8 * (sizeof(word) - left));
    } else {
        for (std::size_t i = 0; i < left; ++i) {
            last |= static_cast<std::uint64_t>(static_cast<unsigned char>(at[i])) << (8 * i);
        }
    }
    absorb(last);
    v2 ^= 0xff;
    mix(final_rounds);
    return v0 ^ v1 ^ v2 ^ v3;
}

// SipHash-1-3, which suffices for hash tables.
inline std::uint64_t keyed_hash(const SipHashKey& key, std::string_view text) noexcept {
    return siphash<1, 3>(key, text);
}

}  // namespace auth_gate
