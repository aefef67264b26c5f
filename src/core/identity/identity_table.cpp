#include "core/identity/identity_table.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <type_traits>

namespace auth_gate {

namespace {

constexpr std::uint32_t ways = 4;

void publish_key(std::uint64_t& key, std::uint64_t value) noexcept {
    std::atomic_ref<std::uint64_t>(key).store(value, std::memory_order_release);
    std::atomic_signal_fence(std::memory_order_seq_cst);
}

}  // namespace

struct IdentityTable::Entry {
    std::uint64_t key;  // 0: empty
    std::uint64_t expires_ms;
    std::uint64_t asked_until_ms;  // 0: nobody asks
    std::uint32_t ticket;
    std::uint8_t mfa;
    std::uint8_t role_size;
    char role[Identity::longest_role];
    char unused[3];
};

std::size_t IdentityTable::bytes_for(std::uint32_t capacity) noexcept {
    static_assert(std::is_trivially_copyable_v<Entry> && sizeof(Entry) == 64);
    return std::size_t{capacity} * sizeof(Entry);
}

IdentityTable::IdentityTable(void* memory, std::uint32_t capacity) noexcept
    : entries_(static_cast<Entry*>(memory)), buckets_(capacity / ways) {}

IdentityTable::Found IdentityTable::look_up(std::uint64_t key, std::uint64_t now_ms, std::uint64_t asking_ms) noexcept {
    Found found;
    Entry* entry = find(key);
    if (entry != nullptr && now_ms < entry->expires_ms) {
        found.status = Status::known;
        found.mfa = entry->mfa != 0;
        found.role_size = std::min<std::uint8_t>(entry->role_size, Identity::longest_role);
        std::memcpy(found.role, entry->role, sizeof(found.role));
        return found;
    }
    if (entry != nullptr && now_ms < entry->asked_until_ms) {
        found.status = Status::wait;
        return found;
    }
    Entry& mine = entry != nullptr ? *entry : claim(key);
    mine.expires_ms = 0;
    mine.asked_until_ms = now_ms + asking_ms;
    found.ticket = ++mine.ticket;
    return found;
}

void IdentityTable::store(std::uint64_t key, std::uint32_t ticket, const Identity& identity,
                          std::uint64_t expires_ms) noexcept {
    Entry* entry = find(key);
    if (entry == nullptr || entry->ticket != ticket) {
        return;
    }
    publish_key(entry->key, 0);
    entry->mfa = identity.mfa;
    entry->role_size = static_cast<std::uint8_t>(identity.role.copy(entry->role, Identity::longest_role));
    entry->expires_ms = expires_ms;
    entry->asked_until_ms = 0;
    publish_key(entry->key, key);
}

void IdentityTable::give_up(std::uint64_t key, std::uint32_t ticket) noexcept {
    if (Entry* entry = find(key); entry != nullptr && entry->ticket == ticket) {
        entry->asked_until_ms = 0;
    }
}

void IdentityTable::drop(std::uint64_t key) noexcept {
    if (Entry* entry = find(key)) {
        entry->expires_ms = 0;
        entry->asked_until_ms = 0;
        entry->ticket++;
    }
}

IdentityTable::Entry* IdentityTable::bucket(std::uint64_t key) noexcept {
    return entries_ + std::size_t{ways} * ((key >> 32) * buckets_ >> 32);
}

IdentityTable::Entry* IdentityTable::find(std::uint64_t key) noexcept {
    Entry* first = bucket(key);
    Entry* end = first + ways;
    Entry* found = std::find_if(first, end, [&](const Entry& entry) { return entry.key == key; });
    return found == end ? nullptr : found;
}

// The bucket's place that is empty or will be the first to expire. An eviction costs a lookup, no more.
IdentityTable::Entry& IdentityTable::claim(std::uint64_t key) noexcept {
    Entry* first = bucket(key);
    Entry& entry = *std::min_element(first, first + ways, [](const Entry& a, const Entry& b) {
        return (a.key == 0 ? 0 : std::max(a.expires_ms, a.asked_until_ms)) <
               (b.key == 0 ? 0 : std::max(b.expires_ms, b.asked_until_ms));
    });
    publish_key(entry.key, 0);
    entry.expires_ms = 0;
    entry.asked_until_ms = 0;
    entry.ticket++;
    publish_key(entry.key, key);
    return entry;
}

}  // namespace auth_gate
