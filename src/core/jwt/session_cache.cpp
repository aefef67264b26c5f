#include "core/jwt/session_cache.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace auth_gate {

namespace {

constexpr std::size_t ways = 4;
constexpr std::size_t usual_session = 1536;  // bytes, for the size of the table

}  // namespace

SessionCache::SessionCache(std::size_t most_bytes) noexcept : most_bytes_(most_bytes) {}

// Late, so that each worker has a key and a table of its own.
bool SessionCache::set_up() {
    if (!entries_.empty()) {
        return true;
    }
    std::array<std::uint8_t, sizeof(Hash::Key)> random;
    if (most_bytes_ < 2 * (usual_session + sizeof(Entry)) * ways + sizeof(Hash) || !random_bytes(random)) {
        return false;
    }
    hash_ = std::make_unique<const Hash>(std::bit_cast<Hash::Key>(random));
    const std::size_t room = most_bytes_ / (usual_session + sizeof(Entry));
    entries_.resize(std::bit_floor(room));
    bytes_ = entries_.size() * sizeof(Entry) + sizeof(Hash);
    return true;
}

std::span<SessionCache::Entry> SessionCache::set_of(std::uint64_t hash) noexcept {
    const std::size_t first = static_cast<std::size_t>(hash) & (entries_.size() - 1) & ~(ways - 1);
    return std::span(entries_).subspan(first, ways);
}

SessionCache::Entry* SessionCache::find(std::uint64_t hash, std::string_view token,
                                        std::uint64_t verifier_id) noexcept {
    for (Entry& entry : set_of(hash)) {
        if (entry.hash == hash && entry.session != nullptr && entry.verifier_id == verifier_id &&
            entry.token == token) {
            entry.used = true;
            return &entry;
        }
    }
    return nullptr;
}

void SessionCache::forget(Entry& entry) noexcept {
    bytes_ -= entry.bytes;
    wipe(entry.token);
    entry = {};
}

SessionCache::Entry& SessionCache::place_for(std::uint64_t hash) noexcept {
    const std::span<Entry> set = set_of(hash);
    for (Entry& entry : set) {
        if (entry.session == nullptr) {
            return entry;
        }
    }
    // One that was not used lately, or any.
    for (Entry& entry : set) {
        if (!std::exchange(entry.used, false)) {
            return entry;
        }
    }
    return set[hash >> 62];
}

void SessionCache::make_room(std::size_t bytes) noexcept {
    while (bytes_ + bytes > most_bytes_) {
        Entry& entry = entries_[hand_];
        hand_ = (hand_ + 1) & (entries_.size() - 1);
        if (entry.session != nullptr && !std::exchange(entry.used, false)) {
            forget(entry);
        }
    }
}

void SessionCache::remember(std::uint64_t hash, std::string_view token, std::uint64_t verifier_id,
                            const std::shared_ptr<const jwt::Session>& session) {
    constexpr std::size_t overhead = 64;  // of the allocator, and what shared_ptr keeps beside the session
    const std::size_t bytes = token.size() + sizeof(jwt::Session) + session->claims.bytes() + overhead;
    if (bytes > most_bytes_ / 8) {
        return;
    }
    std::string text(token);
    Entry& entry = place_for(hash);
    if (entry.session != nullptr) {
        forget(entry);
    }
    make_room(bytes);
    entry = {hash, verifier_id, std::move(text), session, bytes, false};
    bytes_ += bytes;
}

jwt::Verified SessionCache::verify(std::string_view token, std::span<const HmacKey> keys, std::uint64_t verifier_id,
                                   const jwt::Checks& checks) {
    if (token.size() > std::min(checks.max_size, largest_token) || !set_up()) {
        return jwt::verify(token, keys, checks);
    }
    const std::uint64_t hash = (*hash_)(token);
    jwt::Verified verified;
    if (const Entry* known = find(hash, token, verifier_id)) {
        verified = {jwt::Status::valid, known->session};
    } else {
        verified = jwt::authenticate(token, keys, checks.user_claim);
        if (verified.status != jwt::Status::valid) {
            return verified;
        }
        remember(hash, token, verifier_id, verified.session);
    }
    verified.status = jwt::check_dates(*verified.session, checks);
    if (verified.status != jwt::Status::valid) {
        verified.session = nullptr;
    }
    return verified;
}

}  // namespace auth_gate
