#include "core/token/session_texts.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>

namespace auth_gate {

namespace {

constexpr std::size_t block_size = 128;

enum Kind : std::uint32_t { free_block = 0, first_block = 1, further_block = 2 };

void set_kind(std::uint32_t& kind, Kind value) noexcept {
    std::atomic_ref<std::uint32_t>(kind).store(value, std::memory_order_release);
}

}  // namespace

struct SessionTexts::Header {
    std::uint32_t used;  // blocks beyond this index were never used
    Index free_blocks;
    std::uint32_t free_count;  // in that list
    std::uint32_t live;
};

struct SessionTexts::Block {
    static constexpr std::size_t in_first = block_size - 24;
    static constexpr std::size_t in_further = block_size - 8;

    std::uint32_t kind;
    Index next;  // of the same text, or the next free one

    union {
        struct {
            Index next_in_bucket;
            std::uint32_t references;
            std::uint32_t hash;
            std::uint32_t size;
            char text[in_first];
        } first;
        char further[in_further];
    };
};

std::uint32_t SessionTexts::blocks_for(std::size_t size) noexcept {
    const std::size_t more = size > Block::in_first ? size - Block::in_first : 0;
    return static_cast<std::uint32_t>(1 + (more + Block::in_further - 1) / Block::in_further);
}

std::size_t SessionTexts::bytes_for(std::uint32_t blocks) noexcept {
    static_assert(sizeof(Block) == block_size && sizeof(Header) % sizeof(Index) == 0);
    return sizeof(Header) + blocks * (sizeof(Index) + sizeof(Block));
}

std::uint32_t SessionTexts::count_in(std::size_t bytes) noexcept {
    const std::size_t each = sizeof(Index) + sizeof(Block);
    return static_cast<std::uint32_t>(bytes > sizeof(Header) ? (bytes - sizeof(Header)) / each : 0);
}

SessionTexts::SessionTexts(void* memory, std::uint32_t blocks) noexcept
    : count_(blocks), header_(static_cast<Header*>(memory)) {
    buckets_ = reinterpret_cast<Index*>(header_ + 1);
    blocks_ = reinterpret_cast<Block*>(buckets_ + blocks);
}

SessionTexts::Index SessionTexts::add(std::uint32_t hash, std::string_view text, bool leaves_half) noexcept {
    if (count_ == 0 || text.size() > largest) {
        return 0;
    }
    Index& bucket = bucket_of(hash);
    for (Index i = bucket; i != 0; i = block(i).first.next_in_bucket) {
        if (block(i).first.hash == hash && has_text(block(i), text)) {
            ++block(i).first.references;
            return i;
        }
    }
    const std::uint32_t needed = blocks_for(text.size());
    const std::uint32_t left = header_->free_count + (count_ - header_->used);
    if (left < needed || (leaves_half && left - needed < count_ / 2)) {
        return 0;
    }
    const Index begin = take_block();
    Index last = begin;
    for (std::uint32_t n = 1; n < needed; ++n) {
        const Index next = take_block();
        set_kind(block(next).kind, further_block);
        block(last).next = next;
        last = next;
    }
    block(last).next = 0;
    std::size_t at = 0;
    each_part(begin, text.size(), [&](char* place, std::size_t size) {
        text.copy(place, size, at);
        at += size;
        return true;
    });
    auto& first = block(begin).first;
    first.references = 1;
    first.hash = hash;
    first.size = static_cast<std::uint32_t>(text.size());
    first.next_in_bucket = bucket;
    set_kind(block(begin).kind, first_block);
    bucket = begin;
    ++header_->live;
    return begin;
}

void SessionTexts::release(Index i) noexcept {
    if (!is_session(i) || --block(i).first.references != 0) {
        return;
    }
    Index* at = &bucket_of(block(i).first.hash);
    while (*at != i) {
        at = &block(*at).first.next_in_bucket;
    }
    *at = block(i).first.next_in_bucket;
    --header_->live;
    free_chain(i);
}

std::size_t SessionTexts::read(Index i, char* out) const noexcept {
    if (!is_session(i)) {
        return 0;
    }
    const std::size_t whole = block(i).first.size;
    std::size_t done = 0;
    each_part(i, whole, [&](const char* place, std::size_t size) {
        std::memcpy(out + done, place, size);
        done += size;
        return true;
    });
    return whole;
}

std::uint32_t SessionTexts::live() const noexcept {
    return header_->live;
}

void SessionTexts::begin_rebuild() noexcept {
    header_->used = std::min(header_->used, count_);
    for (Index i = 1; i <= header_->used; ++i) {
        Block& b = block(i);
        if (b.kind == first_block) {
            b.first.references = 0;
        } else {
            b.kind = free_block;  // end_rebuild() finds those that a session has
        }
    }
}

void SessionTexts::count(Index i) noexcept {
    if (is_session(i)) {
        ++block(i).first.references;
    }
}

void SessionTexts::end_rebuild() noexcept {
    std::fill_n(buckets_, count_, 0);
    header_->live = 0;
    for (Index i = 1; i <= header_->used; ++i) {
        Block& b = block(i);
        if (b.kind != first_block) {
            continue;
        }
        if (b.first.references == 0) {
            b.kind = free_block;
            continue;
        }
        for (Index next = b.next; next != 0; next = block(next).next) {
            block(next).kind = further_block;
        }
        b.first.next_in_bucket = bucket_of(b.first.hash);
        bucket_of(b.first.hash) = i;
        ++header_->live;
    }
    header_->free_blocks = 0;
    header_->free_count = 0;
    for (Index i = header_->used; i != 0; --i) {
        if (block(i).kind == free_block) {
            block(i).next = header_->free_blocks;
            header_->free_blocks = i;
            ++header_->free_count;
        }
    }
}

SessionTexts::Block& SessionTexts::block(Index i) const noexcept {
    return blocks_[i - 1];
}

SessionTexts::Index& SessionTexts::bucket_of(std::uint32_t hash) const noexcept {
    const std::uint64_t wide = hash;
    return buckets_[(wide * count_) >> 32];
}

bool SessionTexts::is_session(Index i) const noexcept {
    return i != 0 && block(i).kind == first_block;
}

bool SessionTexts::has_text(const Block& first, std::string_view text) const noexcept {
    const auto i = static_cast<Index>(&first - blocks_ + 1);
    return first.first.size == text.size() && each_part(i, text.size(), [&](const char* place, std::size_t size) {
               const bool same = text.starts_with(std::string_view(place, size));
               text.remove_prefix(size);
               return same;
           });
}

// The caller has counted them: there is one.
SessionTexts::Index SessionTexts::take_block() noexcept {
    const Index i = header_->free_blocks;
    if (i == 0) {
        return ++header_->used;
    }
    header_->free_blocks = block(i).next;
    --header_->free_count;
    return i;
}

void SessionTexts::free_chain(Index i) noexcept {
    while (i != 0) {
        Block& b = block(i);
        const Index next = b.next;
        set_kind(b.kind, free_block);
        b.next = header_->free_blocks;
        header_->free_blocks = i;
        ++header_->free_count;
        i = next;
    }
}

template <typename F>
bool SessionTexts::each_part(Index i, std::size_t size, F f) const noexcept {
    Block& begin = block(i);
    std::size_t part = std::min(size, Block::in_first);
    if (!f(begin.first.text, part)) {
        return false;
    }
    for (Index next = begin.next; (size -= part) != 0; next = block(next).next) {
        part = std::min(size, Block::in_further);
        if (!f(block(next).further, part)) {
            return false;
        }
    }
    return true;
}

}  // namespace auth_gate
