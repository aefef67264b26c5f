#include "core/token/user_counts.hpp"

#include <algorithm>
#include <type_traits>

namespace auth_gate {

struct UserCounts::Entry {
    std::uint32_t upper_key;
    std::uint32_t lower_key;
    std::uint32_t tokens;  // 0: the place is empty

    AccountKey key() const noexcept { return static_cast<AccountKey>(std::uint64_t{upper_key} << 32 | lower_key); }
};

UserCounts::UserCounts(void* memory, std::uint32_t capacity) noexcept
    : entries_(static_cast<Entry*>(memory)), places_(places_for(capacity)) {
    static_assert(std::is_trivially_copyable_v<Entry> && sizeof(Entry) == entry_size);
}

void UserCounts::clear() noexcept {
    std::fill_n(entries_, places_, Entry{});
}

std::uint32_t UserCounts::tokens(AccountKey key) const noexcept {
    return find(key)->tokens;
}

void UserCounts::add(AccountKey key) noexcept {
    Entry* entry = find(key);
    const auto bits = static_cast<std::uint64_t>(key);
    *entry = {static_cast<std::uint32_t>(bits >> 32), static_cast<std::uint32_t>(bits), entry->tokens + 1};
}

void UserCounts::remove(AccountKey key) noexcept {
    Entry* hole = find(key);
    if (hole->tokens > 1) {
        hole->tokens--;
        return;
    }
    // Entries whose search would now end at the hole move up into it (backward-shift deletion).
    for (Entry* at = after(hole); at->tokens != 0; at = after(at)) {
        if (distance(home(at->key()), at) >= distance(hole, at)) {
            *hole = *at;
            hole = at;
        }
    }
    hole->tokens = 0;
}

const void* UserCounts::place(AccountKey key) const noexcept {
    return home(key);
}

UserCounts::Entry* UserCounts::home(AccountKey key) const noexcept {
    return entries_ + ((static_cast<std::uint64_t>(key) >> 32) * places_ >> 32);
}

UserCounts::Entry* UserCounts::after(Entry* entry) const noexcept {
    return ++entry == entries_ + places_ ? entries_ : entry;
}

// The account's entry, or the empty place where it belongs.
UserCounts::Entry* UserCounts::find(AccountKey key) const noexcept {
    Entry* at = home(key);
    while (at->tokens != 0 && at->key() != key) {
        at = after(at);
    }
    return at;
}

std::size_t UserCounts::distance(const Entry* from, const Entry* to) const noexcept {
    return static_cast<std::size_t>(to - from) + (to < from ? places_ : 0);
}

}  // namespace auth_gate
