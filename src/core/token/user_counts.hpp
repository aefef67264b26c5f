// The number of tokens of each account, in shared memory. Open addressing with linear probing, so that the address
// where a search begins depends on the key alone and can be prefetched.
#pragma once

#include "core/identity/account.hpp"

#include <cstddef>
#include <cstdint>

namespace auth_gate {

class UserCounts {
public:
    // The bytes needed for `capacity` tokens, each possibly of a different account.
    static constexpr std::size_t bytes_for(std::uint32_t capacity) noexcept {
        return places_for(capacity) * entry_size;
    }

    UserCounts() noexcept = default;

    // A view of memory that the caller owns, zeroed at first and aligned to 4 bytes.
    UserCounts(void* memory, std::uint32_t capacity) noexcept;

    void clear() noexcept;

    std::uint32_t tokens(AccountKey key) const noexcept;
    void add(AccountKey key) noexcept;
    void remove(AccountKey key) noexcept;

    // The address where the search for an account begins.
    const void* place(AccountKey key) const noexcept;

private:
    struct Entry;

    static constexpr std::size_t entry_size = 12;

    // At least one place in seven is empty, and each search ends at an empty place.
    static constexpr std::size_t places_for(std::uint32_t capacity) noexcept {
        return std::size_t{capacity} + capacity / 6 + 8;
    }

    Entry* home(AccountKey key) const noexcept;
    Entry* after(Entry* entry) const noexcept;
    Entry* find(AccountKey key) const noexcept;
    std::size_t distance(const Entry* from, const Entry* to) const noexcept;

    Entry* entries_ = nullptr;
    std::size_t places_ = 0;
};

}  // namespace auth_gate
