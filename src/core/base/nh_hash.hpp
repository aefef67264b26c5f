// NH (Black, Halevi, Krawczyk, Krovetz, Rogaway 1999; RFC 4418, 5.2.2), with words of 64 bits: a hash under a secret
// key at some bytes a clock cycle. Two texts share a hash with a probability of 2^-62 at most, if who chose them has
// seen no hashes: for tables that hold nothing unverified. (SipHash is for all others.)
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
    // Random: a word for each word of a text, and one more.
    using Key = std::array<std::uint64_t, longest_text / 8 + 1>;

    explicit NhHash(const Key& key) noexcept : key_(key) {}

    // Of a text of at most `longest_text` bytes.
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
        // To one word: 128 bits that differ become the same 64 under one of 2^63 keys at most.
        return spread(static_cast<std::uint64_t>(sum) + static_cast<std::uint64_t>(sum >> 64) * key_.back());
    }

    // One to one; the lower bits, which tables take, come to depend on all.
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
