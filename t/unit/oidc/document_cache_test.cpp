#include <memory>

#include "base/crash_stage.hpp"
#include "core/oidc/document_cache.hpp"

namespace {

using namespace unit;
using namespace auth_gate;
using Cache = oidc::DocumentCache;
using Document = Cache::Document;

constexpr std::uint64_t now = 1000000;
constexpr std::uint64_t hour = 3600000;
constexpr Cache::Times times = {hour, 10000, 60000};
constexpr Document documents[] = {Document::metadata, Document::keys};

class CacheMemory {
public:
    explicit CacheMemory(std::uint32_t providers)
        : providers_(providers), words_(Cache::bytes_for(providers) / sizeof(std::uint64_t)) {}

    CacheMemory(std::uint32_t providers, const std::vector<char>& image) : CacheMemory(providers) {
        std::memcpy(words_.data(), image.data(), std::min(image.size(), words_.size() * sizeof(std::uint64_t)));
    }

    Cache cache() { return Cache(words_.data(), providers_); }

    std::vector<char> image() const {
        const auto* bytes = reinterpret_cast<const char*>(words_.data());
        return {bytes, bytes + words_.size() * sizeof(std::uint64_t)};
    }

private:
    std::uint32_t providers_;
    std::vector<std::uint64_t> words_;
};

struct ReadText {
    std::uint32_t generation;
    std::string text;
};

ReadText read(const Cache& cache, std::uint64_t provider, Document document) {
    std::string out(Cache::longest_text, '\0');
    const Cache::Text text = cache.read(provider, document, out);
    return {text.generation, out.substr(0, text.size)};
}

// Takes the turn, which must be there to be taken, and stores.
void fetch(Cache cache, std::uint64_t provider, Document document, std::string_view text, std::uint64_t at = now) {
    const Cache::View view = cache.look_up(provider, document, at, times);
    expect(view.turn == Turn::mine, "the turn is there to be taken");
    expect(cache.store(provider, document, view.ticket, text, at), "stored");
}

void one_fetches_and_all_read(void**) {
    for (const Document document : documents) {
        CacheMemory memory(2);
        Cache cache = memory.cache();
        const Cache::View first = cache.look_up(7, document, now, times);
        expect(first.turn == Turn::mine && first.generation == 0, "zeroed memory is an empty cache");
        expect(cache.look_up(7, document, now + 9999, times).turn == Turn::others, "one fetch for all");
        expect_equal(read(cache, 7, document).generation, 0u, "there is nothing to read");
        expect(cache.store(7, document, first.ticket, "text", now + 5), "stored");
        const Cache::View later = cache.look_up(7, document, now + 5, times);
        expect(later.turn == Turn::none && later.generation != 0, "it is there");
        const ReadText got = read(cache, 7, document);
        expect_equal(got.text, "text", "text");
        expect_equal(got.generation, later.generation, "generation");

        const Document other = document == Document::keys ? Document::metadata : Document::keys;
        expect(cache.look_up(7, other, now, times).generation == 0, "the other document is another");
        expect(cache.look_up(8, document, now, times).generation == 0, "the other provider is another");
        expect_equal(read(cache, 9, document).generation, 0u, "reading claims no place");
    }
}

void one_who_does_not_come_back_loses_the_turn(void**) {
    CacheMemory memory(1);
    Cache cache = memory.cache();
    const Cache::View first = cache.look_up(7, Document::keys, now, times);
    const Cache::View second = cache.look_up(7, Document::keys, now + 10000, times);
    expect(second.turn == Turn::mine && second.ticket != first.ticket, "the next one's turn");
    expect(!cache.store(7, Document::keys, first.ticket, "late", now + 10001), "the first one is too late");
    cache.give_up(7, Document::keys, first.ticket, now + 90000);
    expect(cache.store(7, Document::keys, second.ticket, "good", now + 10002), "the second one is not");
    expect_equal(read(cache, 7, Document::keys).text, "good", "text");
}

void an_old_text_serves_until_there_is_a_new_one(void**) {
    CacheMemory memory(1);
    Cache cache = memory.cache();
    fetch(cache, 7, Document::metadata, "old");
    const std::uint32_t old = read(cache, 7, Document::metadata).generation;
    expect(cache.look_up(7, Document::metadata, now + hour - 1, times).turn == Turn::none, "within the hour");

    const Cache::View due = cache.look_up(7, Document::metadata, now + hour, times);
    expect(due.turn == Turn::mine && due.generation == old, "due, and to be read meanwhile");
    const Cache::View other = cache.look_up(7, Document::metadata, now + hour, times);
    expect(other.turn == Turn::others && other.generation == old, "so it is for the others");

    cache.give_up(7, Document::metadata, due.ticket, now + hour + 5000);
    const Cache::View failed = cache.look_up(7, Document::metadata, now + hour + 4999, times);
    expect(failed.turn == Turn::none && failed.generation == old, "the refresh failed a moment ago");
    expect_equal(read(cache, 7, Document::metadata).text, "old", "text");

    fetch(cache, 7, Document::metadata, "new", now + hour + 5000);
    expect_equal(read(cache, 7, Document::metadata).text, "new", "text");
    expect(read(cache, 7, Document::metadata).generation != old, "another generation");
    expect(cache.look_up(7, Document::metadata, now + 2 * hour + 4999, times).turn == Turn::none, "and another hour");
}

void texts_are_bounded(void**) {
    CacheMemory memory(1);
    Cache cache = memory.cache();
    fetch(cache, 7, Document::keys, std::string(Cache::longest_text, 'x'));
    expect_equal(read(cache, 7, Document::keys).text, std::string(Cache::longest_text, 'x'), "the longest");
    const Cache::View due = cache.look_up(7, Document::keys, now + hour, times);
    expect(!cache.store(7, Document::keys, due.ticket, std::string(Cache::longest_text + 1, 'y'), now + hour),
           "a byte more");
    expect(!cache.store(7, Document::keys, due.ticket, "", now + hour), "nothing");
    expect(!cache.store(8, Document::keys, due.ticket, "x", now + hour), "a provider that nobody asked for");
    expect_equal(read(cache, 7, Document::keys).text.size(), Cache::longest_text, "the old one stays");
    char small[10];
    expect_equal(cache.read(7, Document::keys, small).generation, 0u, "too small a place");
}

void an_unknown_kid_forces_one_fetch(void**) {
    CacheMemory memory(1);
    Cache cache = memory.cache();
    fetch(cache, 7, Document::keys, "old");
    const std::uint32_t old = read(cache, 7, Document::keys).generation;

    const Cache::View forced = cache.force(7, Document::keys, old, now + 1, times);
    expect(forced.turn == Turn::mine && forced.generation == old, "forced, however young the text is");
    expect(cache.force(7, Document::keys, old, now + 2, times).turn == Turn::others, "the next one waits for it");
    expect(cache.store(7, Document::keys, forced.ticket, "new", now + 3), "stored");

    const Cache::View met = cache.force(7, Document::keys, old, now + 4, times);
    expect(met.turn == Turn::none && met.generation != old, "whoever knows the old text gets the new one");
    const std::uint32_t current = met.generation;
    expect(cache.force(7, Document::keys, current, now + 60000, times).turn == Turn::none, "not again within a minute");
    expect(cache.force(7, Document::keys, current, now + 60001, times).turn == Turn::mine, "a minute later");
    expect(cache.look_up(7, Document::keys, now + 60002, times).turn == Turn::none,
           "the text is still good for all others");
}

void a_forced_fetch_that_fails_counts_as_well(void**) {
    CacheMemory memory(1);
    Cache cache = memory.cache();
    fetch(cache, 7, Document::keys, "old");
    const std::uint32_t old = read(cache, 7, Document::keys).generation;
    const Cache::View forced = cache.force(7, Document::keys, old, now, times);
    cache.give_up(7, Document::keys, forced.ticket, now + 5000);
    for (std::uint64_t at : {now, now + 4999, now + 5000, now + 59999}) {
        expect(cache.force(7, Document::keys, old, at, times).turn == Turn::none, "not within the minute");
    }
    expect(cache.force(7, Document::keys, old, now + 60000, times).turn == Turn::mine, "then again");
    expect(cache.force(8, Document::keys, 0, now, times).turn == Turn::mine, "another provider has its own");
    expect_equal(read(cache, 7, Document::keys).generation, 0u, "and took the only place");
}

void the_provider_asked_for_longest_ago_makes_room(void**) {
    CacheMemory memory(3);
    Cache cache = memory.cache();
    for (std::uint64_t provider : {7u, 8u, 9u}) {
        fetch(cache, provider, Document::metadata, "of " + std::to_string(provider), now + provider);
        fetch(cache, provider, Document::keys, "keys of " + std::to_string(provider), now + provider);
    }
    cache.look_up(7, Document::keys, now + 20, times);
    const std::uint32_t known = read(cache, 9, Document::keys).generation;
    fetch(cache, 10, Document::metadata, "of 10", now + 30);
    expect_equal(read(cache, 8, Document::metadata).generation, 0u, "8 is gone");
    expect_equal(read(cache, 8, Document::keys).generation, 0u, "8 is gone");
    expect_equal(read(cache, 10, Document::keys).generation, 0u, "10 has not got 8's keys");
    expect_equal(read(cache, 7, Document::metadata).text, "of 7", "7 stays");
    expect_equal(read(cache, 9, Document::keys).text, "keys of 9", "9 stays");
    fetch(cache, 10, Document::keys, "keys of 10", now + 31);
    expect(read(cache, 10, Document::keys).generation > known, "no generation is given out twice");
}

// After a kill: each text is one that was stored as a whole, by its own provider, and a fetch is possible again.
void expect_usable(const std::vector<char>& image, const std::string& what) {
    CacheMemory memory(2, image);
    Cache cache = memory.cache();
    for (std::uint64_t provider : {7u, 8u, 9u}) {
        for (const Document document : documents) {
            const ReadText got = read(cache, provider, document);
            const std::string name = std::to_string(provider) + (document == Document::keys ? " keys" : " metadata");
            expect(got.generation == 0 || got.text == "old " + name || got.text == "the new and longer " + name,
                   what + ": " + got.text);
        }
    }
    for (std::uint64_t provider : {7u, 8u, 9u}) {
        const std::uint64_t later = now + 3 * hour;
        const std::uint32_t before = read(cache, provider, Document::keys).generation;
        const Cache::View view = cache.look_up(provider, Document::keys, later, times);
        expect(view.turn == Turn::mine && cache.store(provider, Document::keys, view.ticket, "latest", later),
               what + ": a later fetch");
        expect_equal(read(cache, provider, Document::keys).text, "latest", what);
        expect(read(cache, provider, Document::keys).generation != before, what + ": another generation");
    }
}

void any_operation_may_be_killed(void**) {
    if (!Stepper::works()) {
        print_message("ptrace is not allowed here: nothing to see\n");
        return;
    }
    CacheMemory memory(2);
    Cache cache = memory.cache();
    for (std::uint64_t provider : {7u, 8u}) {
        fetch(cache, provider, Document::metadata, "old " + std::to_string(provider) + " metadata", now + provider);
        fetch(cache, provider, Document::keys, "old " + std::to_string(provider) + " keys", now + provider);
    }
    const std::vector<char> image = memory.image();
    const std::uint32_t known = read(cache, 7, Document::keys).generation;

    struct Row {
        std::string_view name;
        CrashStage::Operation operation;
    };
    const Row rows[] = {
        {"fetch",
         [](void* data) {
             Cache here(data, 2);
             const Cache::View view = here.look_up(7, Document::keys, now + 2 * hour, times);
             return static_cast<int>(
                 here.store(7, Document::keys, view.ticket, "the new and longer 7 keys", now + 2 * hour));
         }},
        {"forced fetch",
         [known](void* data) {
             Cache here(data, 2);
             const Cache::View view = here.force(7, Document::keys, known, now + 10, times);
             return static_cast<int>(here.store(7, Document::keys, view.ticket, "the new and longer 7 keys", now + 10));
         }},
        {"fetch that fails",
         [](void* data) {
             Cache here(data, 2);
             const Cache::View view = here.look_up(7, Document::keys, now + 2 * hour, times);
             here.give_up(7, Document::keys, view.ticket, now + 2 * hour + 5000);
             return 1;
         }},
        {"fetch of a third provider",
         [](void* data) {
             Cache here(data, 2);
             const Cache::View view = here.look_up(9, Document::metadata, now + 2 * hour, times);
             return static_cast<int>(
                 here.store(9, Document::metadata, view.ticket, "the new and longer 9 metadata", now + 2 * hour));
         }},
    };
    const CrashStage stage(image.size());
    for (const Row& row : rows) {
        const std::vector<Crash> crashes = stage.step_through(image, row.operation);
        expect_equal(crashes.back().report.value_or(0), 1, row.name);
        for (const Crash& crash : crashes) {
            expect_usable(crash.image, describe(row.name, crash));
        }
        print_message("%s: %zu states in %zu instructions\n", std::string(row.name).c_str(), crashes.size(),
                      crashes.back().step);
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(one_fetches_and_all_read),
        cmocka_unit_test(one_who_does_not_come_back_loses_the_turn),
        cmocka_unit_test(an_old_text_serves_until_there_is_a_new_one),
        cmocka_unit_test(texts_are_bounded),
        cmocka_unit_test(an_unknown_kid_forces_one_fetch),
        cmocka_unit_test(a_forced_fetch_that_fails_counts_as_well),
        cmocka_unit_test(the_provider_asked_for_longest_ago_makes_room),
        cmocka_unit_test(any_operation_may_be_killed),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
