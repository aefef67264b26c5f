// The sessions that tokens were issued for, in shared memory: each once, however many tokens it has.
//
// A part of the token table: the caller holds the zone's lock, and the table says after a crash which sessions are
// still referred to. A session's text has no signature, so nothing here is a credential.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace auth_gate {

class SessionTexts {
public:
    using Index = std::uint32_t;  // 1-based; 0 is none

    static constexpr std::size_t largest = 1152;  // bytes

    // The bytes needed for this many blocks. A session of `size` bytes takes blocks_for(size) of them.
    static std::size_t bytes_for(std::uint32_t blocks) noexcept;
    static std::uint32_t count_in(std::size_t bytes) noexcept;
    static std::uint32_t blocks_for(std::size_t size) noexcept;

    SessionTexts() noexcept = default;

    // A view of memory that the caller owns, zeroed at first and aligned to 4 bytes.
    SessionTexts(void* memory, std::uint32_t blocks) noexcept;

    // Finds or stores the text, and takes a reference to it. `hash` is uniformly distributed, and the same for the same
    // text. 0: there is no room, or a new text would take from the last half, which `leaves_half` leaves to others.
    Index add(std::uint32_t hash, std::string_view text, bool leaves_half = false) noexcept;

    // Gives one reference back.
    void release(Index i) noexcept;

    // Copies the text to `out`, which holds `largest` bytes, and returns its size.
    std::size_t read(Index i, char* out) const noexcept;

    std::uint32_t live() const noexcept;

    // After a crash: forgets all references, then each is counted, then what nobody refers to is free.
    void begin_rebuild() noexcept;
    void count(Index i) noexcept;
    void end_rebuild() noexcept;

private:
    struct Header;
    struct Block;

    Block& block(Index i) const noexcept;
    Index& bucket_of(std::uint32_t hash) const noexcept;
    bool has_text(const Block& first, std::string_view text) const noexcept;
    bool is_session(Index i) const noexcept;
    Index take_block() noexcept;
    void free_chain(Index i) noexcept;

    // Calls f(place, size) for the parts of a text of this size in the chain that begins at `i`, until it returns
    // false.
    template <typename F>
    bool each_part(Index i, std::size_t size, F f) const noexcept;

    std::uint32_t count_ = 0;  // of blocks
    Header* header_ = nullptr;
    Index* buckets_ = nullptr;
    Block* blocks_ = nullptr;
};

}  // namespace auth_gate
