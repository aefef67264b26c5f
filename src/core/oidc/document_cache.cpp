#include "core/oidc/document_cache.hpp"

#include <algorithm>
#include <atomic>
#include <type_traits>

namespace auth_gate::oidc {

namespace {

// Keeps the order of writes for a process that is killed in between: what comes before this word is written before it,
// and what follows is written after it.
template <typename T>
void publish(T& word, T value) noexcept {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    std::atomic_ref<T>(word).store(value, std::memory_order_release);
    std::atomic_signal_fence(std::memory_order_seq_cst);
}

}  // namespace

struct DocumentCache::Header {
    std::uint32_t generations;  // given out so far
    std::uint32_t unused;
};

struct DocumentCache::Copy {
    std::uint64_t fetched_ms;
    std::uint32_t generation;
    std::uint32_t size;
    char text[longest_text];
};

struct DocumentCache::Entry {
    SingleFlight flight;
    std::uint64_t retry_at_ms;
    std::uint64_t forced_until_ms;  // no other fetch is forced before then
    std::uint32_t current;          // which copy is valid, from 1; 0: none
    std::uint32_t unused;
    Copy copies[2];

    const Copy* copy() const noexcept { return current == 1 || current == 2 ? &copies[current - 1] : nullptr; }
    std::uint32_t generation() const noexcept { return copy() != nullptr ? copy()->generation : 0; }

    bool is_young(std::uint64_t now_ms, const Times& times) const noexcept {
        return copy() != nullptr && now_ms < copy()->fetched_ms + times.longest_age_ms;
    }
};

struct DocumentCache::Provider {
    std::uint64_t key;  // 0: empty
    std::uint64_t asked_ms;
    Entry entries[2];  // metadata, keys
};

std::size_t DocumentCache::bytes_for(std::uint32_t providers) noexcept {
    static_assert(std::is_trivially_copyable_v<Provider> && sizeof(Copy) == 16 + longest_text);
    static_assert(sizeof(Header) == 8 && sizeof(Provider) == 16 + 2 * (40 + 2 * sizeof(Copy)));

    return sizeof(Header) + std::size_t{providers} * sizeof(Provider);
}

DocumentCache::DocumentCache(void* memory, std::uint32_t providers) noexcept
    : header_(static_cast<Header*>(memory)),
      providers_(static_cast<Provider*>(static_cast<void*>(header_ + 1)), providers) {}

DocumentCache::View DocumentCache::look_up(std::uint64_t provider, Document document, std::uint64_t now_ms,
                                           const Times& times) noexcept {
    Entry& entry = asked_for(provider, document, now_ms);
    if (entry.is_young(now_ms, times)) {
        return {Turn::none, 0, entry.generation()};
    }
    return take_turn(entry, now_ms, times);
}

DocumentCache::View DocumentCache::force(std::uint64_t provider, Document document, std::uint32_t generation,
                                         std::uint64_t now_ms, const Times& times) noexcept {
    Entry& entry = asked_for(provider, document, now_ms);
    if (entry.generation() != generation && entry.is_young(now_ms, times)) {
        return {Turn::none, 0, entry.generation()};
    }
    if (now_ms < entry.forced_until_ms && !entry.flight.is_asked(now_ms)) {
        return {Turn::none, 0, entry.generation()};
    }
    const View view = take_turn(entry, now_ms, times);
    if (view.turn == Turn::mine) {
        entry.forced_until_ms = now_ms + times.between_forced_ms;
    }
    return view;
}

DocumentCache::Text DocumentCache::read(std::uint64_t provider, Document document, std::span<char> out) const noexcept {
    const Entry* entry = find(provider, document);
    const Copy* copy = entry != nullptr ? entry->copy() : nullptr;
    if (copy == nullptr || copy->size > out.size()) {
        return {};
    }
    std::copy_n(copy->text, copy->size, out.begin());
    return {copy->generation, copy->size};
}

bool DocumentCache::store(std::uint64_t provider, Document document, std::uint32_t ticket, std::string_view text,
                          std::uint64_t now_ms) noexcept {
    Entry* entry = find(provider, document);
    if (entry == nullptr || !entry->flight.is_current(ticket) || text.empty() || text.size() > longest_text) {
        return false;
    }
    const std::uint32_t other = entry->current == 1 ? 2 : 1;
    Copy& copy = entry->copies[other - 1];
    copy.fetched_ms = now_ms;
    copy.generation = ++header_->generations;
    copy.size = static_cast<std::uint32_t>(text.size());
    std::copy(text.begin(), text.end(), copy.text);
    publish(entry->current, other);
    entry->flight.finish();
    return true;
}

void DocumentCache::give_up(std::uint64_t provider, Document document, std::uint32_t ticket,
                            std::uint64_t retry_at_ms) noexcept {
    if (Entry* entry = find(provider, document); entry != nullptr && entry->flight.is_current(ticket)) {
        entry->retry_at_ms = retry_at_ms;
        entry->flight.give_up(ticket);
    }
}

DocumentCache::Entry* DocumentCache::find(std::uint64_t provider, Document document) const noexcept {
    const auto found = std::find_if(providers_.begin(), providers_.end(),
                                    [&](const Provider& candidate) { return candidate.key == provider; });
    return found != providers_.end() ? &found->entries[static_cast<std::size_t>(document)] : nullptr;
}

DocumentCache::Entry& DocumentCache::asked_for(std::uint64_t provider, Document document,
                                               std::uint64_t now_ms) noexcept {
    auto place = std::find_if(providers_.begin(), providers_.end(),
                              [&](const Provider& candidate) { return candidate.key == provider; });
    if (place == providers_.end()) {
        place = std::min_element(providers_.begin(), providers_.end(), [](const Provider& a, const Provider& b) {
            return (a.key == 0 ? 0 : a.asked_ms) < (b.key == 0 ? 0 : b.asked_ms);
        });
        publish(place->key, std::uint64_t{0});
        for (Entry& entry : place->entries) {
            entry.current = 0;
            entry.flight.reset();
            entry.retry_at_ms = 0;
            entry.forced_until_ms = 0;
        }
        publish(place->key, provider);
    }
    place->asked_ms = now_ms;
    return place->entries[static_cast<std::size_t>(document)];
}

DocumentCache::View DocumentCache::take_turn(Entry& entry, std::uint64_t now_ms, const Times& times) noexcept {
    if (now_ms < entry.retry_at_ms && !entry.flight.is_asked(now_ms)) {
        return {Turn::none, 0, entry.generation()};
    }
    const Turn turn = entry.flight.begin(now_ms, now_ms + times.fetching_ms);
    return {turn, entry.flight.ticket(), entry.generation()};
}

}  // namespace auth_gate::oidc
