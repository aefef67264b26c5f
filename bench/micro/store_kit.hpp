// What benchmarks of the token store share: a table in shared memory with so many live tokens, behind a lock as in nginx.
#pragma once

#include "core/token_table.hpp"

#include <sched.h>
#include <sys/mman.h>

#include <array>
#include <atomic>
#include <cstring>
#include <new>
#include <string>
#include <vector>

namespace micro {

using namespace auth_gate;

// Numbers that look random and are the same in every run (splitmix64).
inline std::uint64_t mixed(std::uint64_t n) noexcept {
    std::uint64_t z = (n + 1) * 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

class SharedMemory {
public:
    explicit SharedMemory(std::size_t size)
        : size_(size), data_(mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
        if (data_ == MAP_FAILED) {
            throw std::bad_alloc();
        }
    }
    ~SharedMemory() { munmap(data_, size_); }
    SharedMemory(const SharedMemory&) = delete;
    SharedMemory& operator=(const SharedMemory&) = delete;

    void* data() const noexcept { return data_; }

private:
    std::size_t size_;
    void* data_;
};

// nginx's mutex in shared memory: a word that holds its holder.
class Mutex {
public:
    explicit Mutex(std::uint64_t& word) noexcept : word_(word) {}

    bool try_lock() noexcept {
        std::uint64_t nobody = 0;
        return std::atomic_ref(word_).load(std::memory_order_relaxed) == 0 &&
               std::atomic_ref(word_).compare_exchange_strong(nobody, 1);
    }
    void unlock() noexcept {
        std::uint64_t me = 1;
        std::atomic_ref(word_).compare_exchange_strong(me, 0);
    }
    static void pause() noexcept { __builtin_ia32_pause(); }
    static void yield() noexcept { sched_yield(); }

private:
    std::uint64_t& word_;
};

class Lock {
public:
    explicit Lock(std::uint64_t& word) noexcept : mutex_(word) {
        constexpr unsigned most_spins = 1024;
        for (unsigned spins = 1; !mutex_.try_lock(); spins = std::min(2 * spins, most_spins)) {
            if (spins == most_spins) {
                Mutex::yield();
                continue;
            }
            for (unsigned i = 0; i < spins; ++i) {
                Mutex::pause();
            }
        }
    }
    ~Lock() { mutex_.unlock(); }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

private:
    Mutex mutex_;
};

constexpr std::uint64_t realm = 77;
constexpr std::uint64_t lifetime_ms = 30000;
constexpr AcceptedPurpose accepted[] = {{purpose_id("ws"), 0}};

// A zone with places for `capacity` tokens.
class Store {
public:
    explicit Store(std::uint32_t capacity)
        : memory_(header_size + TokenTable::bytes_for(capacity)), limits_{capacity, capacity} {
        TokenTable(table()).format(capacity);
    }

    PutStatus put(const TokenGrant& grant, std::uint64_t now_ms) noexcept {
        const Lock lock(word());
        return TokenTable(table()).put(grant, limits_, now_ms);
    }

    // With the copy of the user that a request keeps.
    Taken take(const Presented& presented, std::uint64_t now_ms) {
        TokenTable::Found found;
        {
            const Lock lock(word());
            found = TokenTable(table()).take(presented, now_ms);
        }
        return {found.status, found.purpose, found.session_exp, found.notes,
                {found.user_kind, std::string(found.user, found.user_size)}};
    }

    std::uint32_t expire(std::uint64_t now_ms, std::uint32_t most) noexcept {
        const Lock lock(word());
        return TokenTable(table()).expire(now_ms, most);
    }

    std::uint32_t live() const noexcept { return TokenTable(table()).live(); }

private:
    static constexpr std::size_t header_size = 4096;

    std::uint64_t& word() const noexcept { return *static_cast<std::uint64_t*>(memory_.data()); }
    void* table() const noexcept { return static_cast<unsigned char*>(memory_.data()) + header_size; }

    SharedMemory memory_;
    TokenLimits limits_;
};

// Token number `n`: 64 hex digits that only look random.
inline std::string text_of(std::uint64_t n) {
    std::array<std::uint8_t, token_text_size / 2> bytes;
    for (std::size_t at = 0; at < bytes.size(); at += 8) {
        const std::uint64_t word = mixed(4 * n + at / 8);
        std::memcpy(bytes.data() + at, &word, sizeof(word));
    }
    std::string text(token_text_size, '\0');
    to_hex(bytes, text.data());
    return text;
}

inline TokenGrant grant_of(std::uint64_t n, std::uint64_t user, std::uint64_t now_ms) {
    TokenGrant grant;
    grant.digest = sha256(text_of(n));
    grant.purpose = accepted[0].id;
    grant.scope.realm = realm;
    grant.user = {UserId::Kind::integer, std::to_string(user)};
    grant.user_key = mixed(user + 0x5e1);
    grant.lifetime_ms = lifetime_ms;
    grant.expires_ms = now_ms + lifetime_ms;
    return grant;
}

inline Presented presenting(std::uint64_t n) {
    Presented presented;
    presented.digest = sha256(text_of(n));
    presented.accepted = accepted;
    presented.scope.realm = realm;
    return presented;
}

}  // namespace micro
