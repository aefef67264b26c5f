// Shared by benchmarks of the token store: a table in shared memory, behind a lock like nginx's.
#pragma once

#include "core/base/spin_lock.hpp"
#include "core/token/token_table.hpp"

#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstring>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

namespace micro {

using namespace auth_gate;

// Pseudo-random numbers, the same in every run (splitmix64).
inline std::uint64_t mixed(std::uint64_t n) noexcept {
    std::uint64_t z = (n + 1) * 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

inline void check(bool holds) {
    if (!holds) {
        throw std::logic_error("the store does not answer as it should");
    }
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
    std::size_t size() const noexcept { return size_; }

private:
    std::size_t size_;
    void* data_;
};

// CPU time of this process in seconds, unaffected by other processes.
inline double cpu_seconds() noexcept {
    timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// Runs `body` in a child process.
template <typename F>
pid_t start(F&& body) {
    const pid_t child = fork();
    if (child < 0) {
        throw std::runtime_error("no process");
    }
    if (child == 0) {
        // The child must exit here in any case.
        try {
            body();
        } catch (const std::exception&) {
            _exit(1);
        }
        _exit(0);
    }
    return child;
}

inline void finish(pid_t child) {
    int status = 0;
    check(waitpid(child, &status, 0) == child && status == 0);
}

// Like nginx's shared-memory mutex: a word with the holder's pid.
class Mutex {
public:
    explicit Mutex(std::uint64_t& word) noexcept : word_(&word) {}

    bool try_lock() noexcept {
        std::uint64_t nobody = 0;
        return std::atomic_ref(*word_).load(std::memory_order_relaxed) == 0 &&
               std::atomic_ref(*word_).compare_exchange_strong(nobody, 1);
    }
    void unlock() noexcept {
        std::uint64_t me = 1;
        std::atomic_ref(*word_).compare_exchange_strong(me, 0);
    }
    static void pause() noexcept { __builtin_ia32_pause(); }
    static void yield() noexcept { sched_yield(); }
    static bool alone() noexcept { return false; }

private:
    std::uint64_t* word_;
};

using Lock = SpinLock<Mutex>;

constexpr std::uint64_t account_scopes[] = {77};
constexpr std::uint64_t lifetime_ms = 30000;
constexpr AcceptedPurpose accepted[] = {{purpose_id("ws"), 0}};

// A zone for `capacity` tokens.
class Store {
public:
    explicit Store(std::uint32_t capacity)
        : memory_(header_size + TokenTable::bytes_for(capacity)), limits_{capacity, capacity} {
        table().format(capacity);
    }

    PutStatus put(const TokenGrant& grant, std::uint64_t now_ms) noexcept {
        const Lock lock = locked();
        return table().put(grant, limits_, now_ms);
    }

    // Includes copying the user, as a request does.
    Taken take(const Presented& presented, std::uint64_t now_ms) {
        TokenTable::Found found;
        {
            const Lock lock = locked();
            found = table().take(presented, now_ms);
        }
        return {found.status,
                found.purpose,
                found.session_exp,
                found.facts,
                {found.user_kind, std::string(found.user, found.user_size)}};
    }

    Lock locked() const noexcept { return Lock(Mutex(*static_cast<std::uint64_t*>(memory_.data()))); }

    TokenTable table() const noexcept { return TokenTable(static_cast<unsigned char*>(memory_.data()) + header_size); }

    const SharedMemory& memory() const noexcept { return memory_; }

private:
    static constexpr std::size_t header_size = 4096;

    SharedMemory memory_;
    TokenLimits limits_;
};

// Token number `n`: 64 pseudo-random hex digits.
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
    grant.account_scope = account_scopes[0];
    grant.user = {UserId::Kind::integer, std::to_string(user)};
    grant.account = static_cast<AccountKey>(mixed(user + 0x5e1));
    grant.lifetime_ms = lifetime_ms;
    grant.expires_ms = now_ms + lifetime_ms;
    return grant;
}

inline Presented presenting(std::uint64_t n) {
    Presented presented;
    presented.digest = sha256(text_of(n));
    presented.accepted = accepted;
    presented.account_scopes = account_scopes;
    return presented;
}

}  // namespace micro
