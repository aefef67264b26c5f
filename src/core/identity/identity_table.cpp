#include "core/identity/identity_table.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <type_traits>

namespace auth_gate {

namespace {

constexpr std::uint32_t ways = 4;

void publish_key(IdentityKey& key, IdentityKey value) noexcept {
    std::atomic_ref<IdentityKey>(key).store(value, std::memory_order_release);
    std::atomic_signal_fence(std::memory_order_seq_cst);
}

}  // namespace

struct IdentityTable::Entry {
    IdentityKey key;  // none: empty
    std::uint64_t expires_ms;
    SingleFlight flight;
    std::uint8_t mfa : 1;
    std::uint8_t admin : 1;
    std::uint8_t role_size : 6;
    char role[Identity::longest_role];
};

std::size_t IdentityTable::bytes_for(std::uint32_t capacity) noexcept {
    static_assert(std::is_trivially_copyable_v<Entry> && sizeof(Entry) == 64);
    return std::size_t{capacity} * sizeof(Entry);
}

IdentityTable::IdentityTable(void* memory, std::uint32_t capacity) noexcept
    : entries_(static_cast<Entry*>(memory)), buckets_(capacity / ways) {}

IdentityTable::Found IdentityTable::look_up(IdentityKey key, std::uint64_t now_ms, std::uint64_t asking_ms) noexcept {
    Found found;
    Entry* entry = find(key);
    if (entry != nullptr && now_ms < entry->expires_ms) {
        found.turn = Turn::none;
        found.mfa = entry->mfa != 0;
        found.admin = entry->admin != 0;
        found.role_size = std::min<std::uint8_t>(entry->role_size, Identity::longest_role);
        std::memcpy(found.role, entry->role, sizeof(found.role));
        return found;
    }
    SingleFlight& flight = (entry != nullptr ? *entry : claim(key)).flight;
    found.turn = flight.begin(now_ms, now_ms + asking_ms);
    found.ticket = flight.ticket();
    return found;
}

void IdentityTable::store(IdentityKey key, std::uint32_t ticket, const Identity& identity,
                          std::uint64_t expires_ms) noexcept {
    Entry* entry = find(key);
    if (entry == nullptr || !entry->flight.is_current(ticket)) {
        return;
    }
    publish_key(entry->key, IdentityKey::none);
    entry->mfa = identity.mfa ? 1 : 0;
    entry->admin = identity.admin ? 1 : 0;
    entry->role_size = identity.role.copy(entry->role, Identity::longest_role) & 0x3f;
    entry->expires_ms = expires_ms;
    entry->flight.finish();
    publish_key(entry->key, key);
}

void IdentityTable::give_up(IdentityKey key, std::uint32_t ticket) noexcept {
    if (Entry* entry = find(key)) {
        entry->flight.give_up(ticket);
    }
}

IdentityTable::Entry* IdentityTable::bucket(IdentityKey key) noexcept {
    return entries_ + std::size_t{ways} * ((static_cast<std::uint64_t>(key) >> 32) * buckets_ >> 32);
}

IdentityTable::Entry* IdentityTable::find(IdentityKey key) noexcept {
    Entry* first = bucket(key);
    Entry* end = first + ways;
    Entry* found = std::find_if(first, end, [&](const Entry& entry) { return entry.key == key; });
    return found == end ? nullptr : found;
}

// Takes the bucket's entry that is empty or expires first. An eviction costs one more lookup.
IdentityTable::Entry& IdentityTable::claim(IdentityKey key) noexcept {
    const auto needed_until = [](const Entry& entry) {
        return entry.key == IdentityKey::none ? 0 : std::max(entry.expires_ms, entry.flight.deadline_ms());
    };
    Entry* first = bucket(key);
    Entry& entry = *std::min_element(first, first + ways,
                                     [&](const Entry& a, const Entry& b) { return needed_until(a) < needed_until(b); });
    publish_key(entry.key, IdentityKey::none);
    entry.expires_ms = 0;
    entry.flight.reset();
    publish_key(entry.key, key);
    return entry;
}

}  // namespace auth_gate
