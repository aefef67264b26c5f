// The number of tokens of each user, in shared memory. Open addressing with linear probing, so that the address where a
// search begins depends on the key alone and can be prefetched.
#pragma once

#include <cstddef>
#include <cstdint>

namespace auth_gate {

class UserCounts {
public:
    // The bytes needed for `capacity` tokens, each possibly of a different user.
    static constexpr std::size_t bytes_for(std::uint32_t capacity) noexcept {
        return places_for(capacity) * entry_size;
    }

    UserCounts() noexcept = default;

    // A view of memory that the caller owns, zeroed at first and aligned to 4 bytes.
    UserCounts(void* memory, std::uint32_t capacity) noexcept;

    void clear() noexcept;

    std::uint32_t tokens(std::uint64_t key) const noexcept;
    void add(std::uint64_t key) noexcept;
    void remove(std::uint64_t key) noexcept;

    // The address where the search for a user begins.
    const void* place(std::uint64_t key) const noexcept;

private:
    struct Entry;

    static constexpr std::size_t entry_size = 12;

    // At least one place in seven is empty, and each search ends at an empty place.
    static constexpr std::size_t places_for(std::uint32_t capacity) noexcept {
        return std::size_t{capacity} + capacity / 6 + 8;
    }

    Entry* home(std::uint64_t key) const noexcept;
    Entry* after(Entry* entry) const noexcept;
    Entry* find(std::uint64_t key) const noexcept;
    std::size_t distance(const Entry* from, const Entry* to) const noexcept;

    Entry* entries_ = nullptr;
    std::size_t places_ = 0;
};

}  // namespace auth_gate
