#include "token_table.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <type_traits>

namespace auth_gate {

namespace {

constexpr std::uint64_t magic = 0x4147544f4b454e31;  // "AGTOKEN1"
constexpr std::uint32_t layout_version = 3;
constexpr std::uint32_t queue_count = 128;
constexpr std::uint32_t expired_per_put = 4;

enum State : std::uint32_t { free_slot = 0, live_slot = 1, leased_slot = 2 };

void set_state(std::uint32_t& state, State value) noexcept {
    std::atomic_ref<std::uint32_t>(state).store(value, std::memory_order_release);
}

// A bucket for a hash whose upper 32 bits are uniform.
std::uint32_t spread(std::uint64_t hash, std::uint32_t buckets) noexcept {
    return static_cast<std::uint32_t>((hash >> 32) * buckets >> 32);
}

}  // namespace

struct TokenTable::Slot {
    Digest digest;
    std::uint64_t expires_ms;
    std::uint64_t realm;
    std::uint64_t user_key;
    std::uint64_t binding;
    std::uint32_t requirements;
    std::uint32_t purpose;
    std::uint32_t state;
    Index next;  // in the bucket, or among the free
    Index queue_previous;
    Index queue_next;
    std::uint32_t session_exp;
    std::uint8_t queue;
    std::uint8_t user_kind;  // and the notes, four bits each
    std::uint8_t user_size;
    char user[longest_user_id];
};

struct TokenTable::User {
    std::uint64_t key;
    std::uint32_t tokens;
    Index next;  // in the bucket, or among the free
};

struct TokenTable::Header {
    std::uint64_t magic;
    std::uint32_t layout_version;
    std::uint32_t capacity;
    std::uint32_t changing;  // not 0: a change began; whoever finds it so rebuilds
    std::uint32_t live;
    Index slots_used;  // slots beyond this one were never used
    Index free_slots;
    Index users_used;
    Index free_users;
    std::uint32_t queues_used;
    std::uint32_t unused;

    // All tokens of a queue live equally long, so that the oldest is the first to expire.
    struct Queue {
        std::uint64_t lifetime_ms;
        Index first;
        Index last;
    } queues[queue_count];

    std::span<Queue> used_queues() noexcept { return {queues, std::min(queues_used, queue_count)}; }
};

// Brackets a change, so that the next one can tell that this one was never finished.
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

std::size_t TokenTable::bytes_for(std::uint32_t capacity) noexcept {
    static_assert(std::is_trivially_copyable_v<Slot> && sizeof(Slot) == 136);
    static_assert(std::is_trivially_copyable_v<User> && sizeof(User) == 16);
    static_assert(std::is_trivially_copyable_v<Header> && sizeof(Header) % 8 == 0);

    return sizeof(Header) + std::size_t{capacity} * (sizeof(Slot) + sizeof(User) + 2 * sizeof(Index));
}

std::uint32_t TokenTable::capacity_of(std::size_t bytes) noexcept {
    const std::size_t each = bytes_for(1) - bytes_for(0);
    if (bytes <= bytes_for(0)) {
        return 0;
    }
    return static_cast<std::uint32_t>(std::min<std::size_t>((bytes - bytes_for(0)) / each, 0x7fffffff));
}

TokenTable::TokenTable(void* memory) noexcept : header_(static_cast<Header*>(memory)) {
    const std::size_t capacity = header_->capacity;
    auto* at = static_cast<unsigned char*>(memory) + sizeof(Header);
    slots_ = reinterpret_cast<Slot*>(at);
    at += capacity * sizeof(Slot);
    users_ = reinterpret_cast<User*>(at);
    at += capacity * sizeof(User);
    buckets_ = reinterpret_cast<Index*>(at);
    at += capacity * sizeof(Index);
    user_buckets_ = reinterpret_cast<Index*>(at);
}

void TokenTable::format(std::uint32_t capacity) noexcept {
    std::memset(static_cast<void*>(header_), 0, sizeof(Header));
    header_->layout_version = layout_version;
    header_->capacity = capacity;
    header_->magic = magic;
    *this = TokenTable(header_);
}

bool TokenTable::is_formatted(std::uint32_t capacity) const noexcept {
    return header_->magic == magic && header_->layout_version == layout_version && header_->capacity == capacity;
}

PutStatus TokenTable::put(const TokenGrant& grant, const TokenLimits& limits, std::uint64_t now_ms) noexcept {
    if (grant.user.text.size() > longest_user_id) {
        return PutStatus::user_id_too_long;
    }

    const Change change(*this);
    expire_locked(now_ms, expired_per_put);

    if (header_->live >= std::min(limits.tokens, header_->capacity)) {
        return PutStatus::full;
    }
    if (const Index* user = find_user(grant.user_key); *user != 0 && users_[*user - 1].tokens >= limits.per_user) {
        return PutStatus::user_full;
    }

    const Index i = allocate();
    Slot& s = slot(i);
    s.digest = grant.digest;
    s.expires_ms = grant.expires_ms;
    s.realm = grant.scope.realm;
    s.requirements = grant.scope.requirements;
    s.user_key = grant.user_key;
    s.purpose = grant.purpose;
    s.session_exp = grant.session_exp;
    s.binding = 0;
    s.queue = queue_for(grant.lifetime_ms);
    s.user_kind = static_cast<std::uint8_t>(static_cast<std::uint8_t>(grant.user.kind) | grant.notes << 4);
    s.user_size = static_cast<std::uint8_t>(grant.user.text.size());
    grant.user.text.copy(s.user, longest_user_id);

    link(i);
    enqueue(i);
    add_user(s.user_key);
    header_->live++;
    set_state(s.state, live_slot);
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
    if (now_ms >= s.expires_ms) {
        release(i);
        found.status = TakeStatus::expired;
        return found;
    }

    const auto accepted = std::find_if(presented.accepted.begin(), presented.accepted.end(),
                                       [&](const AcceptedPurpose& purpose) { return purpose.id == s.purpose; });
    const TokenScope& scope = presented.scope;
    if (accepted == presented.accepted.end() || scope.realm != s.realm ||
        (scope.requirements != 0 && scope.requirements != s.requirements)) {
        if (presented.spend) {
            release(i);
        }
        found.status = TakeStatus::wrong_purpose;
        return found;
    }
    if (s.state == leased_slot && s.binding != presented.binding) {
        found.status = TakeStatus::leased_elsewhere;
        return found;
    }

    found.purpose = s.purpose;
    found.session_exp = s.session_exp;
    found.user_kind = static_cast<UserId::Kind>(s.user_kind & 15);
    found.notes = s.user_kind >> 4;
    found.user_size = s.user_size;
    std::memcpy(found.user, s.user, sizeof(found.user));

    if (!presented.spend) {
        found.status = TakeStatus::looked_at;
    } else if (s.state == leased_slot) {
        found.status = TakeStatus::repeated;
    } else if (accepted->lease_ms == 0) {
        found.status = TakeStatus::redeemed;
        release(i);
    } else {
        found.status = TakeStatus::redeemed;
        s.binding = presented.binding;
        set_state(s.state, leased_slot);
        dequeue(i);
        s.expires_ms = now_ms + accepted->lease_ms;
        s.queue = queue_for(accepted->lease_ms);
        enqueue(i);
    }
    return found;
}

std::uint32_t TokenTable::expire(std::uint64_t now_ms, std::uint32_t most) noexcept {
    const Change change(*this);
    return expire_locked(now_ms, most);
}

std::uint32_t TokenTable::live() const noexcept {
    return header_->live;
}

std::uint64_t TokenTable::next_expiry_ms() const noexcept {
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

TokenTable::Index& TokenTable::bucket_of(const Slot& s) const noexcept {
    return buckets_[spread(short_hash(s.digest), header_->capacity)];
}

TokenTable::Index& TokenTable::user_bucket_of(std::uint64_t key) const noexcept {
    return user_buckets_[spread(key, header_->capacity)];
}

TokenTable::Index TokenTable::find(const Digest& digest) const noexcept {
    Index i = buckets_[spread(short_hash(digest), header_->capacity)];
    // Constant time is not needed: a digest's prefix tells nothing of the token it was made from.
    while (i != 0 && slot(i).digest != digest) {
        i = slot(i).next;
    }
    return i;
}

// Where the index of the user's entry stands, which holds 0 when there is none.
TokenTable::Index* TokenTable::find_user(std::uint64_t key) const noexcept {
    Index* at = &user_bucket_of(key);
    while (*at != 0 && users_[*at - 1].key != key) {
        at = &users_[*at - 1].next;
    }
    return at;
}

void TokenTable::add_user(std::uint64_t key) noexcept {
    if (const Index i = *find_user(key); i != 0) {
        users_[i - 1].tokens++;
        return;
    }
    Index i = header_->free_users;
    if (i != 0) {
        header_->free_users = users_[i - 1].next;
    } else {
        i = ++header_->users_used;
    }
    Index& bucket = user_bucket_of(key);
    users_[i - 1] = {key, 1, bucket};
    bucket = i;
}

void TokenTable::remove_user(std::uint64_t key) noexcept {
    Index* at = find_user(key);
    const Index i = *at;
    if (i == 0 || --users_[i - 1].tokens != 0) {
        return;
    }
    *at = users_[i - 1].next;
    users_[i - 1].next = header_->free_users;
    header_->free_users = i;
}

// There is a place: fewer than `capacity` slots are live.
TokenTable::Index TokenTable::allocate() noexcept {
    const Index i = header_->free_slots;
    if (i != 0) {
        header_->free_slots = slot(i).next;
        return i;
    }
    return ++header_->slots_used;
}

void TokenTable::link(Index i) noexcept {
    Index& bucket = bucket_of(slot(i));
    slot(i).next = bucket;
    bucket = i;
}

void TokenTable::enqueue(Index i) noexcept {
    Slot& s = slot(i);
    Header::Queue& queue = header_->queues[s.queue];
    s.queue_previous = queue.last;
    s.queue_next = 0;
    (queue.last != 0 ? slot(queue.last).queue_next : queue.first) = i;
    queue.last = i;
}

void TokenTable::dequeue(Index i) noexcept {
    const Slot& s = slot(i);
    Header::Queue& queue = header_->queues[s.queue];
    (s.queue_previous != 0 ? slot(s.queue_previous).queue_next : queue.first) = s.queue_next;
    (s.queue_next != 0 ? slot(s.queue_next).queue_previous : queue.last) = s.queue_previous;
}

void TokenTable::release(Index i) noexcept {
    Slot& s = slot(i);
    // First of all: whatever happens from here on, this token is spent.
    set_state(s.state, free_slot);
    std::atomic_signal_fence(std::memory_order_seq_cst);

    Index* at = &bucket_of(s);
    while (*at != i) {
        at = &slot(*at).next;
    }
    *at = s.next;
    dequeue(i);
    remove_user(s.user_key);
    header_->live--;
    s.next = header_->free_slots;
    header_->free_slots = i;
}

// Lifetimes come from the configuration, so there are few. Should reloads bring more than there are
// queues for, the last queue takes them all: its tokens may keep their place longer than they live.
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
            release(queue.first);
            ++count;
        }
    }
    return count;
}

void TokenTable::rebuild() noexcept {
    const std::uint32_t capacity = header_->capacity;
    std::fill_n(buckets_, capacity, 0);
    std::fill_n(user_buckets_, capacity, 0);
    header_->live = 0;
    header_->free_slots = 0;
    header_->users_used = 0;
    header_->free_users = 0;
    header_->slots_used = std::min(header_->slots_used, capacity);
    for (Header::Queue& queue : header_->queues) {
        queue.first = queue.last = 0;
    }

    for (Index i = header_->slots_used; i != 0; --i) {
        Slot& s = slot(i);
        if (s.state == free_slot) {
            s.next = header_->free_slots;
            header_->free_slots = i;
            continue;
        }
        link(i);
        add_user(s.user_key);
        header_->live++;
        s.queue_next = header_->queues[s.queue].first;
        header_->queues[s.queue].first = i;
    }

    for (Header::Queue& queue : header_->queues) {
        if (queue.first == 0) {
            continue;
        }
        Index i = sort_by_expiry(queue.first);
        queue.first = 0;
        while (i != 0) {
            const Index next = slot(i).queue_next;
            enqueue(i);
            i = next;
        }
    }
}

// Merge sort of a list linked by queue_next, bottom up: no memory but the links themselves.
TokenTable::Index TokenTable::sort_by_expiry(Index list) noexcept {
    const auto merge = [this](Index a, Index b) {
        Index first = 0;
        Index* tail = &first;
        while (a != 0 && b != 0) {
            Index& smaller = slot(b).expires_ms < slot(a).expires_ms ? b : a;
            *tail = smaller;
            tail = &slot(smaller).queue_next;
            smaller = *tail;
        }
        *tail = a != 0 ? a : b;
        return first;
    };

    Index runs[32] = {};  // runs[n]: none, or a sorted list of 2^n
    while (list != 0) {
        Index one = list;
        list = slot(one).queue_next;
        slot(one).queue_next = 0;
        std::size_t n = 0;
        for (; n < std::size(runs) - 1 && runs[n] != 0; ++n) {
            one = merge(runs[n], one);
            runs[n] = 0;
        }
        runs[n] = one;
    }
    Index all = 0;
    for (Index run : runs) {
        all = merge(run, all);
    }
    return all;
}

}  // namespace auth_gate
