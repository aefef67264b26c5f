#include "core/jwt/session_cache.hpp"

#include <algorithm>
#include <bit>
#include <new>
#include <utility>

namespace auth_gate {

namespace {

constexpr std::size_t usual_session = 480;      // bytes, for the size of the table
constexpr std::size_t fewest_sessions = 16;     // below that it is not worth it
constexpr std::size_t allocator_overhead = 16;  // bytes of each allocation
constexpr std::size_t shared_ptr_overhead = 16;

constexpr std::size_t allocation(std::size_t size) noexcept {
    return size + allocator_overhead;
}

}  // namespace

// The token's text stands behind it, without the header when that is the usual one.
struct SessionCache::Remembered {
    Remembered* next;
    std::uint64_t verifier_id;
    std::shared_ptr<const jwt::Session> session;
    std::uint32_t hash;  // the half that did not choose the bucket
    std::uint16_t text_size;
    bool usual_header;
    bool used;  // since the last time that room was made

    char* text() noexcept { return reinterpret_cast<char*>(this + 1); }

    bool is(std::string_view token) noexcept {
        if (usual_header) {
            if (!token.starts_with(jwt::usual_header)) {
                return false;
            }
            token.remove_prefix(jwt::usual_header.size());
        }
        return token == std::string_view(text(), text_size);
    }

    static std::size_t bytes(std::size_t text_size, const jwt::Session& session) noexcept {
        return allocation(sizeof(Remembered) + text_size) + allocation(shared_ptr_overhead + sizeof(session)) +
               allocation(session.claims.bytes()) +
               (session.user.text.capacity() > std::string().capacity() ? allocation(session.user.text.capacity() + 1)
                                                                        : 0);
    }
};

SessionCache::SessionCache(std::size_t most_bytes) noexcept : most_bytes_(most_bytes) {}

SessionCache::~SessionCache() {
    for (Remembered*& first : buckets_) {
        while (first != nullptr) {
            forget(first);
        }
    }
}

// Late, so that each worker has a key and a table of its own.
bool SessionCache::set_up() {
    if (!buckets_.empty()) {
        return true;
    }
    std::array<std::uint8_t, sizeof(Hash::Key)> random;
    if (most_bytes_ < fewest_sessions * usual_session + sizeof(Hash) || !random_bytes(random)) {
        return false;
    }
    hash_ = std::make_unique<const Hash>(std::bit_cast<Hash::Key>(random));
    buckets_.resize(std::bit_floor(most_bytes_ / usual_session));
    bytes_ = allocation(buckets_.size() * sizeof(void*)) + allocation(sizeof(Hash));
    return true;
}

const SessionCache::Remembered* SessionCache::find(std::uint64_t hash, std::string_view token,
                                                   std::uint64_t verifier_id) noexcept {
    for (Remembered* known = buckets_[bucket_of(hash)]; known != nullptr; known = known->next) {
        if (known->hash == hash >> 32 && known->verifier_id == verifier_id && known->is(token)) {
            known->used = true;
            return known;
        }
    }
    return nullptr;
}

// Takes the session that `link` points to out of its list.
void SessionCache::forget(Remembered*& link) noexcept {
    Remembered* old = std::exchange(link, link->next);
    bytes_ -= Remembered::bytes(old->text_size, *old->session);
    wipe(old->text(), old->text_size);
    old->~Remembered();
    ::operator delete(old);
}

// What was not used since the hand came by last goes.
void SessionCache::make_room(std::size_t bytes) noexcept {
    while (bytes_ + bytes > most_bytes_) {
        Remembered** link = &buckets_[hand_];
        while (*link != nullptr) {
            if (std::exchange((*link)->used, false)) {
                link = &(*link)->next;
            } else {
                forget(*link);
            }
        }
        hand_ = (hand_ + 1) & (buckets_.size() - 1);
    }
}

void SessionCache::remember(std::uint64_t hash, std::string_view token, std::uint64_t verifier_id,
                            const std::shared_ptr<const jwt::Session>& session) {
    const bool usual_header = token.starts_with(jwt::usual_header);
    const std::string_view text = token.substr(usual_header ? jwt::usual_header.size() : 0);
    const std::size_t bytes = Remembered::bytes(text.size(), *session);
    if (bytes > most_bytes_ / 8) {
        return;
    }
    make_room(bytes);
    Remembered*& first = buckets_[bucket_of(hash)];
    void* memory = ::operator new(sizeof(Remembered) + text.size());
    first = new (memory) Remembered{first,
                                    verifier_id,
                                    session,
                                    static_cast<std::uint32_t>(hash >> 32),
                                    static_cast<std::uint16_t>(text.size()),
                                    usual_header,
                                    false};
    text.copy(first->text(), text.size());
    bytes_ += bytes;
}

jwt::Verified SessionCache::verify(std::string_view token, std::span<const HmacKey> keys, std::uint64_t verifier_id,
                                   const jwt::Checks& checks) {
    if (token.size() > std::min(checks.max_size, largest_token) || !set_up()) {
        return jwt::verify(token, keys, checks);
    }
    const std::uint64_t hash = (*hash_)(token.substr(token.size() - std::min(token.size(), hashed)));
    jwt::Verified verified;
    if (const Remembered* known = find(hash, token, verifier_id)) {
        verified = {jwt::Status::valid, known->session};
    } else {
        verified = jwt::authenticate(token, keys, checks.user_claim);
        if (verified.status != jwt::Status::valid) {
            return verified;
        }
        remember(hash, token, verifier_id, verified.session);
    }
    return jwt::check(std::move(verified), token.size(), checks);
}

}  // namespace auth_gate
