// Providers' metadata and keys as fetched, in shared memory: one fetch for all workers.
//
// The caller holds the zone's lock for every call. A process may be killed at any instruction, so a new text is written
// beside the old one, and one word says which of them is valid.
#pragma once

#include "core/base/single_flight.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace auth_gate::oidc {

class DocumentCache {
public:
    static constexpr std::size_t longest_text = 32 * 1024;  // bytes

    enum class Document : std::uint8_t { metadata, keys };

    // 128 KB each.
    static std::size_t bytes_for(std::uint32_t providers) noexcept;

    // A view of zeroed memory, aligned to 8 bytes; at least one provider. When all places are taken, the provider that
    // was looked up longest ago loses its documents.
    DocumentCache(void* memory, std::uint32_t providers) noexcept;

    struct View {
        Turn turn = Turn::none;        // none: the text is fresh, or a fetch failed or was forced a moment ago
        std::uint32_t ticket = 0;      // when it is the caller's turn: for store() or give_up()
        std::uint32_t generation = 0;  // of the text that can be read; 0: there is none
    };

    struct Times {
        std::uint64_t longest_age_ms = 0;     // an older text is fetched again
        std::uint64_t fetching_ms = 0;        // after this time without an answer the next caller fetches
        std::uint64_t between_forced_ms = 0;  // at least this long between two forced fetches
    };

    // A text that is too old stays readable until there is a new one. `provider` is a hash of what determines the
    // documents (issuer, discovery URL), not 0.
    View look_up(std::uint64_t provider, Document document, std::uint64_t now_ms, const Times& times) noexcept;

    // For a caller whom the text of `generation` does not serve: fetches again, however young the text is, unless there
    // is a newer one by now or a fetch was forced a moment ago.
    View force(std::uint64_t provider, Document document, std::uint32_t generation, std::uint64_t now_ms,
               const Times& times) noexcept;

    struct Text {
        std::uint32_t generation = 0;  // 0: there is none
        std::size_t size = 0;
    };

    // Copies the text into `out`, which has room for longest_text.
    Text read(std::uint64_t provider, Document document, std::span<char> out) const noexcept;

    // False if the text is empty or too long, or the ticket is stale; the old text stays.
    bool store(std::uint64_t provider, Document document, std::uint32_t ticket, std::string_view text,
               std::uint64_t now_ms) noexcept;

    // The fetch failed; nobody fetches again before `retry_at_ms`.
    void give_up(std::uint64_t provider, Document document, std::uint32_t ticket, std::uint64_t retry_at_ms) noexcept;

private:
    struct Header;
    struct Copy;
    struct Entry;
    struct Provider;

    Entry* find(std::uint64_t provider, Document document) const noexcept;
    Entry& asked_for(std::uint64_t provider, Document document, std::uint64_t now_ms) noexcept;
    static View take_turn(Entry& entry, std::uint64_t now_ms, const Times& times) noexcept;

    Header* header_;
    std::span<Provider> providers_;
};

}  // namespace auth_gate::oidc
