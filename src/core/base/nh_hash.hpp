// NH (Black, Halevi, Krawczyk, Krovetz, Rogaway 1999; RFC 4418, 5.2.2) with 64-bit words: a keyed hash that processes
// several bytes per clock cycle. Two texts collide with a probability of at most 2^-62, provided that their author has
// seen no hashes. Use it only for tables that hold verified entries; use SipHash for all others.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace auth_gate {

template <std::size_t longest_text>
class NhHash {
    static_assert(longest_text % 16 == 0);

public:
    // Random. One word for each word of the longest text, and one more.
    using Key = std::array<std::uint64_t, longest_text / 8 + 1>;

    explicit NhHash(const Key& key) noexcept : key_(key) {}

    // `text` must not exceed `longest_text` bytes.
    std::uint64_t operator()(std::string_view text) const noexcept {
        const std::uint64_t* key = key_.data();
        Sum sum = text.size();
        const char* at = text.data();
        std::size_t left = text.size();
        for (; left >= pair; left -= pair, at += pair, key += 2) {
            add(sum, at, key);
        }
        if (left != 0) {
            char last[pair] = {};
            std::memcpy(last, at, left);
            add(sum, last, key);
        }
        // Reduces 128 bits to 64. Different sums collide under at most one in 2^63 keys.
        return spread(static_cast<std::uint64_t>(sum) + static_cast<std::uint64_t>(sum >> 64) * key_.back());
    }

    // A bijection that makes the lower bits, which tables use as the index, depend on all bits.
    static constexpr std::uint64_t spread(std::uint64_t word) noexcept {
        word = (word ^ word >> 32) * 0x9e3779b97f4a7c15;
        return word ^ word >> 32;
    }

private:
    __extension__ using Sum = unsigned __int128;

    static constexpr std::size_t pair = 16;

    static void add(Sum& sum, const char* at, const std::uint64_t* key) noexcept {
        std::uint64_t words[2];
        std::memcpy(words, at, sizeof(words));
        sum += Sum{words[0] + key[0]} * (words[1] + key[1]);
    }

    Key key_;
};

}  // namespace auth_gate
