// SHA-256, HMAC-SHA-256, SHA-1, random bytes, and the care that secrets need.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace auth_gate {

using Digest = std::array<std::uint8_t, 32>;

Digest sha256(std::string_view data) noexcept;
Digest sha256(std::span<const std::uint8_t> data) noexcept;

// RFC 3174; only for the WebSocket handshake (RFC 6455, 4.2.2), which demands it.
std::array<std::uint8_t, 20> sha1(std::string_view data) noexcept;

// Takes the same time wherever the two differ.
bool equal_constant_time(const Digest& a, const Digest& b) noexcept;

// Overwrites memory in a way that the compiler keeps.
void wipe(void* data, std::size_t size) noexcept;

// A text that is not needed any more; it keeps its length.
inline void wipe(std::string& text) noexcept {
    wipe(text.data(), text.size());
}

// The system's CSPRNG. False: no randomness could be had, the bytes must not be used.
bool random_bytes(std::span<std::uint8_t> out) noexcept;

// The same, from a stock that is filled now and then: for who needs a few bytes again and again. What was given out is
// wiped from the stock, and a forked process begins with an empty one.
bool stocked_random_bytes(std::span<std::uint8_t> out) noexcept;

// Appends 2 lower-case hex digits a byte at `out`, which has room for 2 * bytes.size().
void to_hex(std::span<const std::uint8_t> bytes, char* out) noexcept;

// The first 8 bytes of a digest as a number, for tables that need no more.
std::uint64_t short_hash(const Digest& digest) noexcept;

// An HMAC-SHA-256 key (RFC 2104) as the two hash states after the inner and the outer pad, so that a
// signature costs no key schedule. The states are as secret as the key: wiped on destruction.
class HmacKey {
public:
    explicit HmacKey(std::string_view secret) noexcept;
    ~HmacKey();
    HmacKey(const HmacKey&) = default;
    HmacKey& operator=(const HmacKey&) = default;

    Digest sign(std::string_view data) const noexcept;

private:
    // OpenSSL's SHA256_CTX, kept opaque so that its deprecated header stays in one file.
    struct alignas(8) State {
        unsigned char bytes[112];
    };

    State inner_;
    State outer_;
};

}  // namespace auth_gate
