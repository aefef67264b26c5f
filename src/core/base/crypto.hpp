// SHA-256, HMAC-SHA-256, SHA-1, random bytes, and the handling of secrets in memory.
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

// SHA-1 (RFC 3174). Only for the WebSocket handshake, which requires it (RFC 6455, 4.2.2).
std::array<std::uint8_t, 20> sha1(std::string_view data) noexcept;

// The time taken does not depend on where the digests differ.
bool equal_constant_time(const Digest& a, const Digest& b) noexcept;

// Overwrites memory with zeros; the compiler cannot optimise it away.
void wipe(void* data, std::size_t size) noexcept;

// Wipes the characters and keeps the length.
inline void wipe(std::string& text) noexcept {
    wipe(text.data(), text.size());
}

// Fills `out` from the system's CSPRNG. On false there was no randomness, and the bytes must not be used.
bool random_bytes(std::span<std::uint8_t> out) noexcept;

// As random_bytes(), from a buffer of 1024 bytes that is refilled when it runs out: faster for frequent small requests.
// Bytes handed out are wiped from the buffer, and a forked process starts with an empty one. Not thread-safe.
bool stocked_random_bytes(std::span<std::uint8_t> out) noexcept;

// Writes two lower-case hex digits per byte to `out`, which must hold 2 * bytes.size() characters. Writes no NUL.
void to_hex(std::span<const std::uint8_t> bytes, char* out) noexcept;

// The first 8 bytes of a digest as a number in native byte order, for hash tables.
std::uint64_t short_hash(const Digest& digest) noexcept;

// An HMAC-SHA-256 key (RFC 2104), kept as the two hash states after the inner and the outer pad. Signing need not
// hash the pads again. The states are as secret as the key and are wiped on destruction.
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
