// OpenSSL 3 deprecates the low-level SHA256_* functions, but only their state can be copied without an allocation.
// HmacKey is fast because of that.
#define OPENSSL_API_COMPAT 0x10101000L

#include "core/base/crypto.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <cstring>

#include <pthread.h>

namespace auth_gate {

namespace {

constexpr std::size_t block_size = 64;

struct Stock {
    std::array<std::uint8_t, 1024> bytes;
    std::size_t left = 0;

    void empty() noexcept {
        wipe(bytes.data(), bytes.size());
        left = 0;
    }
};

Stock stock;

Digest finish(SHA256_CTX& ctx) noexcept {
    Digest digest;
    SHA256_Final(digest.data(), &ctx);
    return digest;
}

Digest sha256_of(const void* data, std::size_t size) noexcept {
    SHA256_CTX ctx;
    SHA256_Init(&ctx);
    SHA256_Update(&ctx, data, size);
    return finish(ctx);
}

}  // namespace

Digest sha256(std::string_view data) noexcept {
    return sha256_of(data.data(), data.size());
}

Digest sha256(std::span<const std::uint8_t> data) noexcept {
    return sha256_of(data.data(), data.size());
}

std::array<std::uint8_t, 20> sha1(std::string_view data) noexcept {
    std::array<std::uint8_t, 20> digest;
    SHA_CTX ctx;
    SHA1_Init(&ctx);
    SHA1_Update(&ctx, data.data(), data.size());
    SHA1_Final(digest.data(), &ctx);
    return digest;
}

bool equal_constant_time(const Digest& a, const Digest& b) noexcept {
    return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void wipe(void* data, std::size_t size) noexcept {
    OPENSSL_cleanse(data, size);
}

bool random_bytes(std::span<std::uint8_t> out) noexcept {
    return RAND_bytes(out.data(), static_cast<int>(out.size())) == 1;
}

bool stocked_random_bytes(std::span<std::uint8_t> out) noexcept {
    static const bool is_emptied_by_fork = pthread_atfork(nullptr, nullptr, [] { stock.empty(); }) == 0;
    if (!is_emptied_by_fork || out.size() > stock.bytes.size()) {
        return random_bytes(out);
    }
    if (stock.left < out.size()) {
        if (!random_bytes(stock.bytes)) {
            stock.empty();
            return false;
        }
        stock.left = stock.bytes.size();
    }
    stock.left -= out.size();
    std::uint8_t* taken = stock.bytes.data() + stock.left;
    std::memcpy(out.data(), taken, out.size());
    wipe(taken, out.size());
    return true;
}

void to_hex(std::span<const std::uint8_t> bytes, char* out) noexcept {
    static constexpr auto pairs = [] {
        constexpr char digits[] = "0123456789abcdef";
        std::array<std::array<char, 2>, 256> all{};
        for (std::size_t byte = 0; byte < all.size(); ++byte) {
            all[byte] = {digits[byte >> 4], digits[byte & 15]};
        }
        return all;
    }();
    for (std::uint8_t byte : bytes) {
        std::memcpy(out, pairs[byte].data(), 2);
        out += 2;
    }
}

std::uint64_t short_hash(const Digest& digest) noexcept {
    std::uint64_t hash;
    std::memcpy(&hash, digest.data(), sizeof(hash));
    return hash;
}

HmacKey::HmacKey(std::string_view secret) noexcept {
    static_assert(sizeof(State) >= sizeof(SHA256_CTX));

    std::uint8_t key[block_size] = {};
    if (secret.size() > block_size) {
        const Digest digest = sha256(secret);
        std::memcpy(key, digest.data(), digest.size());
    } else if (!secret.empty()) {
        std::memcpy(key, secret.data(), secret.size());
    }

    const auto absorb = [&key](State& state, std::uint8_t pad) {
        std::uint8_t block[block_size];
        for (std::size_t i = 0; i < block_size; ++i) {
            block[i] = key[i] ^ pad;
        }
        SHA256_CTX ctx;
        SHA256_Init(&ctx);
        SHA256_Update(&ctx, block, sizeof(block));
        std::memset(state.bytes, 0, sizeof(state.bytes));
        std::memcpy(state.bytes, &ctx, sizeof(ctx));
        wipe(block, sizeof(block));
        wipe(&ctx, sizeof(ctx));
    };
    absorb(inner_, 0x36);
    absorb(outer_, 0x5c);
    wipe(key, sizeof(key));
}

HmacKey::~HmacKey() {
    wipe(&inner_, sizeof(inner_));
    wipe(&outer_, sizeof(outer_));
}

Digest HmacKey::sign(std::string_view data) const noexcept {
    SHA256_CTX ctx;
    std::memcpy(&ctx, inner_.bytes, sizeof(ctx));
    SHA256_Update(&ctx, data.data(), data.size());
    const Digest inner = finish(ctx);

    std::memcpy(&ctx, outer_.bytes, sizeof(ctx));
    SHA256_Update(&ctx, inner.data(), inner.size());
    return finish(ctx);
}

}  // namespace auth_gate
