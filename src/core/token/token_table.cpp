#include "core/token/judge.hpp"
#include "core/token/token_table_layout.hpp"

#include <algorithm>
#include <cstring>

namespace auth_gate {

namespace {

constexpr std::uint64_t magic = 0x4147544f4b454e31;  // "AGTOKEN1"
constexpr std::uint32_t layout_version = 7;
constexpr std::uint32_t expired_per_put = 4;
constexpr std::uint32_t many_tokens = 32;  // who holds as many leaves half of the room for sessions to others

// Reads, without the lock, a word that another process may be writing.
template <typename Word>
Word peek(const Word& word) noexcept {
    return std::atomic_ref<Word>(const_cast<Word&>(word)).load(std::memory_order_relaxed);
}

// Without the empty asm statement, g++ 12 assumes that a function that only prefetches has no effect, and removes calls
// to it.
void fetch(const void* address) noexcept {
    __builtin_prefetch(address, 1);
    asm volatile("" : : "r"(address));
}

void fetch_two_lines(const void* begin) noexcept {
    fetch(begin);
    fetch(static_cast<const unsigned char*>(begin) + cache_line);
}

// Reads a byte to load its page and cache line.
void touch(const void* address) noexcept {
    static_cast<void>(*static_cast<const volatile unsigned char*>(address));
}

}  // namespace

// Marks a change as begun and as finished, so that the next one can tell if a process was killed in between.
class TokenTable::Change {
public:
    explicit Change(TokenTable& table) noexcept : header_(*table.header_) {
        if (header_.changing != 0) {
            table.rebuild();
        }
        mark(1);
        std::atomic_signal_fence(std::memory_order_seq_cst);
    }
    ~Change() {
        std::atomic_signal_fence(std::memory_order_seq_cst);
        mark(0);
    }
    Change(const Change&) = delete;
    Change& operator=(const Change&) = delete;

private:
    void mark(std::uint32_t value) noexcept {
        std::atomic_ref<std::uint32_t>(header_.changing).store(value, std::memory_order_release);
    }

    Header& header_;
};

std::size_t TokenTable::bytes_for(std::uint32_t capacity, std::uint32_t session_blocks) noexcept {
    static_assert(std::is_trivially_copyable_v<Slot> && sizeof(Slot) == slot_alignment);
    static_assert(std::is_trivially_copyable_v<Links> && sizeof(Links) == 8);
    static_assert(std::is_trivially_copyable_v<Header> && sizeof(Header) % 8 == 0);

    return sizeof(Header) + slot_alignment + std::size_t{capacity} * (sizeof(Slot) + sizeof(Links)) +
           buckets_for(capacity) * sizeof(Index) + UserCounts::bytes_for(capacity) +
           SessionTexts::bytes_for(session_blocks);
}

std::uint32_t TokenTable::capacity_of(std::size_t bytes) noexcept {
    constexpr std::size_t most_each = 160;
    const std::size_t none = bytes_for(0);
    auto capacity =
        static_cast<std::uint32_t>(std::min<std::size_t>(bytes > none ? (bytes - none) / most_each : 0, 0x7fffffff));
    while (capacity < 0x7fffffff && bytes_for(capacity + 1) <= bytes) {
        ++capacity;  // a few times: rounding makes a token's real share less than most_each
    }
    return capacity;
}

TokenTable::TokenTable(void* memory) noexcept : header_(static_cast<Header*>(memory)) {
    const std::uint32_t capacity = header_->capacity;
    auto* at = static_cast<unsigned char*>(memory) + header_->slots_at;
    slots_ = reinterpret_cast<Slot*>(at);
    at += capacity * sizeof(Slot);
    links_ = reinterpret_cast<Links*>(at);
    at += capacity * sizeof(Links);
    buckets_ = reinterpret_cast<Index*>(at);
    at += buckets_for(capacity) * sizeof(Index);
    users_ = UserCounts(at, capacity);
    at += UserCounts::bytes_for(capacity);
    sessions_ = SessionTexts(at, header_->session_blocks);
}

void TokenTable::format(std::uint32_t capacity, std::uint32_t session_blocks) noexcept {
    std::memset(static_cast<void*>(header_), 0, sizeof(Header));
    header_->layout_version = layout_version;
    header_->capacity = capacity;
    header_->session_blocks = session_blocks;
    const auto misalignment =
        static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(header_ + 1) % slot_alignment);
    header_->slots_at = static_cast<std::uint32_t>(sizeof(Header)) + slot_alignment - misalignment;
    header_->magic = magic;
    *this = TokenTable(header_);
}

bool TokenTable::is_formatted(std::uint32_t capacity, std::uint32_t session_blocks) const noexcept {
    return header_->magic == magic && header_->layout_version == layout_version && header_->capacity == capacity &&
           header_->session_blocks == session_blocks;
}

PutStatus TokenTable::put(const TokenGrant& grant, const TokenLimits& limits, std::uint64_t now_ms) noexcept {
    if (grant.user.text.size() > longest_user_id) {
        return PutStatus::user_id_too_long;
    }

    fetch(&bucket_of(grant.digest));
    fetch_two_lines(users_.place(grant.account));
    const Change change(*this);
    clear_away_spent();
    expire_locked(now_ms, expired_per_put);

    if (header_->live >= std::min(limits.tokens, header_->capacity)) {
        return PutStatus::full;
    }
    const std::uint32_t tokens = users_.tokens(grant.account);
    if (tokens != 0 && tokens >= limits.per_user) {
        return PutStatus::user_full;
    }
    const bool has_many = tokens >= many_tokens;
    const SessionTexts::Index session =
        grant.session.empty() ? 0 : sessions_.add(grant.session_hash, grant.session, has_many);
    if (session == 0 && !grant.session.empty()) {
        return has_many ? PutStatus::user_full : PutStatus::sessions_full;
    }

    const Index i = allocate();
    Slot& s = slot(i);
    s.digest = grant.digest;
    s.expires_ms = grant.expires_ms;
    s.account_scope = grant.account_scope;
    s.session = session;
    s.account = grant.account;
    s.purpose = grant.purpose;
    s.session_exp = grant.session_exp;
    s.binding = grant.place;
    s.queue = queue_for(grant.lifetime_ms);
    s.user_kind = static_cast<std::uint8_t>(static_cast<std::uint8_t>(grant.user.kind) | grant.facts.bits << 4);
    s.user_size = static_cast<std::uint8_t>(grant.user.text.size());
    grant.user.text.copy(s.user, longest_user_id);

    link(i);
    enqueue(i);
    users_.add(s.account);
    header_->live++;
    set_state(s.state, grant.place == 0 ? live_slot : bound_slot);
    if (header_->free_slots != 0) {
        fetch_two_lines(&slot(header_->free_slots));
        fetch(&links(header_->free_slots));
    }
    return PutStatus::stored;
}

TokenTable::Found TokenTable::take(const Presented& presented, std::uint64_t now_ms) noexcept {
    const Change change(*this);

    Found found;
    const Index i = find(presented.digest);
    if (i == 0) {
        return found;
    }
    Slot& s = slot(i);
    const StoredToken stored = {
        .purpose = s.purpose,
        .account_scope = s.account_scope,
        .expires_ms = s.expires_ms,
        .leased = s.state == leased_slot,
        .binding = s.binding,
        .session_exp = s.session_exp,
        .bound = s.state == bound_slot,
    };
    const Judgement judgement = judge(stored, presented, now_ms);
    found.status = judgement.status;
    if (is_good(judgement.status)) {
        found.purpose = s.purpose;
        found.session_exp = s.session_exp;
        found.account_scope = s.account_scope;
        found.user_kind = static_cast<UserId::Kind>(s.user_kind & 15);
        found.facts.bits = s.user_kind >> 4;
        found.user_size = s.user_size;
        std::memcpy(found.user, s.user, sizeof(found.user));
        found.session_size = sessions_.read(s.session, found.session);
    }

    switch (judgement.fate) {
    case TokenFate::kept:
        break;
    case TokenFate::spent:
        spend(i);
        break;
    case TokenFate::leased:
        lease(i, judgement.binding, judgement.lease_ms, now_ms);
        break;
    }
    return found;
}

std::uint32_t TokenTable::expire(std::uint64_t now_ms, std::uint32_t most) noexcept {
    const Change change(*this);
    clear_away_spent();
    return expire_locked(now_ms, most);
}

std::uint32_t TokenTable::live() const noexcept {
    return header_->live;
}

std::uint32_t TokenTable::sessions() const noexcept {
    return sessions_.live();
}

std::uint64_t TokenTable::next_expiry_ms() noexcept {
    const Change change(*this);
    clear_away_spent();
    std::uint64_t next = 0;
    for (const Header::Queue& queue : header_->used_queues()) {
        if (queue.first != 0) {
            const std::uint64_t expires = slot(queue.first).expires_ms;
            next = next == 0 ? expires : std::min(next, expires);
        }
    }
    return next;
}

TokenTable::Slot& TokenTable::slot(Index i) const noexcept {
    return slots_[i - 1];
}

TokenTable::Links& TokenTable::links(Index i) const noexcept {
    return links_[i - 1];
}

TokenTable::Index& TokenTable::bucket_of(const Digest& digest) const noexcept {
    return buckets_[(short_hash(digest) >> 32) * buckets_for(header_->capacity) >> 32];
}

TokenTable::Index TokenTable::find(const Digest& digest) const noexcept {
    Index i = bucket_of(digest);
    // Need not take constant time: a prefix of the digest reveals nothing about the token.
    while (i != 0 && !(slot(i).digest == digest && slot(i).state != free_slot)) {
        i = slot(i).next;
    }
    return i;
}

// The caller ensures that fewer than `capacity` slots are live.
TokenTable::Index TokenTable::allocate() noexcept {
    const Index i = header_->free_slots;
    if (i != 0) {
        header_->free_slots = links(i).next;
        return i;
    }
    return ++header_->slots_used;
}

void TokenTable::link(Index i) noexcept {
    Index& bucket = bucket_of(slot(i).digest);
    slot(i).next = bucket;
    bucket = i;
}

void TokenTable::unlink(Index i) noexcept {
    Index* at = &bucket_of(slot(i).digest);
    while (*at != i) {
        at = &slot(*at).next;
    }
    *at = slot(i).next;
}

void TokenTable::enqueue(Index i) noexcept {
    Header::Queue& queue = header_->queues[slot(i).queue];
    links(i) = {queue.last, 0};
    (queue.last != 0 ? links(queue.last).next : queue.first) = i;
    queue.last = i;
}

void TokenTable::dequeue(Index i) noexcept {
    const auto [previous, next] = links(i);
    Header::Queue& queue = header_->queues[slot(i).queue];
    (previous != 0 ? links(previous).next : queue.first) = next;
    (next != 0 ? links(next).previous : queue.last) = previous;
}

// The remaining work touches memory far from the slot. It is prefetched here and left to the next operation.
void TokenTable::spend(Index i) noexcept {
    // First, so that the token is spent even if the process is killed right after.
    set_state(slot(i).state, free_slot);
    std::atomic_signal_fence(std::memory_order_seq_cst);

    fetch_surroundings(i);
    header_->live--;
    clear_away_spent();
    header_->spent = i;
}

inline void TokenTable::lease(Index i, std::uint64_t binding, std::uint64_t lease_ms, std::uint64_t now_ms) noexcept {
    Slot& s = slot(i);
    s.binding = binding;
    set_state(s.state, leased_slot);
    dequeue(i);
    s.expires_ms = now_ms + lease_ms;
    s.queue = queue_for(lease_ms);
    enqueue(i);
}

void TokenTable::clear_away_spent() noexcept {
    const Index i = header_->spent;
    if (i == 0) {
        return;
    }
    header_->spent = 0;
    unlink(i);
    dequeue(i);
    users_.remove(slot(i).account);
    sessions_.release(slot(i).session);
    links(i).next = header_->free_slots;
    header_->free_slots = i;
}

// Lifetimes come from the configuration, so there are few. If reloads bring more lifetimes than there are queues, the
// last queue takes all of the rest, and its tokens may occupy their slots after they expire.
std::uint8_t TokenTable::queue_for(std::uint64_t lifetime_ms) noexcept {
    const std::span<Header::Queue> used = header_->used_queues();
    std::size_t empty = used.size();
    for (std::size_t q = 0; q < used.size(); ++q) {
        if (used[q].lifetime_ms == lifetime_ms) {
            return static_cast<std::uint8_t>(q);
        }
        if (used[q].first == 0 && empty == used.size()) {
            empty = q;
        }
    }
    if (empty == queue_count) {
        return queue_count - 1;
    }
    header_->queues[empty].lifetime_ms = lifetime_ms;
    header_->queues_used = std::max(header_->queues_used, static_cast<std::uint32_t>(empty + 1));
    return static_cast<std::uint8_t>(empty);
}

std::uint32_t TokenTable::expire_locked(std::uint64_t now_ms, std::uint32_t most) noexcept {
    std::uint32_t count = 0;
    for (const Header::Queue& queue : header_->used_queues()) {
        while (queue.first != 0 && count < most && now_ms >= slot(queue.first).expires_ms) {
            spend(queue.first);
            clear_away_spent();
            ++count;
        }
    }
    return count;
}

// Prefetches the memory that clear_away_spent() will touch.
void TokenTable::fetch_surroundings(Index i) const noexcept {
    for (const Index near : {links(i).previous, links(i).next}) {
        if (near != 0) {
            fetch(&links(near));
        }
    }
    fetch_two_lines(users_.place(slot(i).account));
}

void TokenTable::fetch_bucket(const Digest& digest) const noexcept {
    fetch(&bucket_of(digest));
}

void TokenTable::fetch_slot(const Digest& digest) const noexcept {
    if (const Index i = peek(bucket_of(digest)); i != 0 && i <= header_->capacity) {
        fetch_two_lines(&slot(i));
        fetch(&links(i));
    }
}

void TokenTable::look_ahead(std::uint64_t now_ms, std::uint32_t most) const noexcept {
    const auto is_index = [this](Index i) { return i != 0 && i <= header_->capacity; };
    std::uint32_t count = 0;
    for (const Header::Queue& queue : header_->used_queues()) {
        for (Index i = peek(queue.first); count < most && is_index(i); i = peek(links(i).next), ++count) {
            const Slot& s = slot(i);
            if (now_ms < peek(s.expires_ms)) {
                break;
            }
            touch(users_.place(peek(s.account)));
            // Bounded, because concurrent changes may turn the chain into a cycle.
            Index in_bucket = peek(bucket_of(s.digest));
            for (int n = 0; n < 8 && is_index(in_bucket); ++n) {
                in_bucket = peek(slot(in_bucket).next);
            }
        }
    }
}

}  // namespace auth_gate
