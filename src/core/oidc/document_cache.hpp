// Providers' metadata and keys as they were fetched, in a piece of shared memory: one fetch for all workers.
//
// The caller holds the zone's lock for every call. A process may be killed at any instruction: a new text is written
// beside the old one, and one word says which of them counts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace auth_gate {

class OidcDocumentCache {
public:
    static constexpr std::size_t longest_text = 32 * 1024;  // bytes; more is not kept

    enum class Document : std::uint8_t { metadata, keys };

    // 128 KB each.
    static std::size_t bytes_for(std::uint32_t providers) noexcept;

    // A view of zeroed memory, aligned to 8 bytes; at least one provider. With more than places the one that was asked
    // for longest ago loses its documents.
    OidcDocumentCache(void* memory, std::uint32_t providers) noexcept;

    enum class Turn : std::uint8_t {
        nobodys,  // there is no need to fetch
        mine,     // the caller is the one to fetch, and must store() or give_up()
        others,   // somebody else is fetching
        later,    // a fetch failed, or was forced, a moment ago
    };

    struct View {
        Turn turn = Turn::later;
        std::uint32_t ticket = 0;      // when it is mine: hand it to store() or give_up()
        std::uint32_t generation = 0;  // of the text that can be read, 0: none. Another text has another one
    };

    struct Times {
        std::uint64_t longest_age_ms = 0;     // since the fetch; then it is due for another
        std::uint64_t fetching_ms = 0;        // how long one who fetches may take before the next one does
        std::uint64_t between_forced_ms = 0;  // at least, for keys that an unknown kid asks for
    };

    // A text that is due stays readable until there is a new one. `provider` is not 0: a hash of all that makes the
    // documents be what they are (issuer, discovery URL).
    View look_up(std::uint64_t provider, Document document, std::uint64_t now_ms, const Times& times) noexcept;

    // As look_up(), but the text is due however young it is, unless that was forced a moment ago or the text is another
    // one than that of `generation`, which the caller has found wanting.
    View force(std::uint64_t provider, Document document, std::uint32_t generation, std::uint64_t now_ms,
               const Times& times) noexcept;

    struct Text {
        std::uint32_t generation = 0;  // 0: there is none
        std::size_t size = 0;
    };

    // Copies the text into `out`, which has room for longest_text.
    Text read(std::uint64_t provider, Document document, std::span<char> out) const noexcept;

    // False when the text is empty or too long, or somebody else's turn has come; the old one stays.
    bool store(std::uint64_t provider, Document document, std::uint32_t ticket, std::string_view text,
               std::uint64_t now_ms) noexcept;

    // The fetch failed; the next one may try at `retry_at_ms`.
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

}  // namespace auth_gate
