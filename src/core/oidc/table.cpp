#include "core/oidc/table.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <type_traits>

namespace auth_gate {

namespace {

constexpr std::uint32_t ways = 16;

enum State : std::uint32_t { free_slot = 0, live_slot = 1 };

}  // namespace

struct OidcTable::Slot {
    Digest digest;
    std::uint64_t expires_ms;
    std::uint64_t owner;
    std::uint32_t state;
    std::uint16_t size;
    std::uint16_t unused;

    unsigned char* payload() noexcept { return static_cast<unsigned char*>(static_cast<void*>(this + 1)); }
    bool is_live() const noexcept { return state == live_slot; }

    // What was written before is written before, and what follows follows, also for whoever kills the process.
    void set_state(State value) noexcept {
        std::atomic_signal_fence(std::memory_order_seq_cst);
        std::atomic_ref<std::uint32_t>(state).store(value, std::memory_order_release);
        std::atomic_signal_fence(std::memory_order_seq_cst);
    }

    // A size that is not 0 says that the payload may hold something, be the record live or not.
    void clear(std::size_t payload_room) noexcept {
        set_state(free_slot);
        wipe(payload(), payload_room);
        size = 0;
    }
};

// The places of one kind.
struct OidcTable::Region {
    unsigned char* first;
    std::uint32_t capacity;
    std::size_t payload_room;

    Slot& slot(std::uint32_t i) const noexcept {
        return *static_cast<Slot*>(static_cast<void*>(first + i * (sizeof(Slot) + payload_room)));
    }

    // The first of the places that a digest may have. There are some: the caller has looked.
    std::uint32_t bucket(const Digest& digest) const noexcept {
        return static_cast<std::uint32_t>((short_hash(digest) >> 32) * (capacity / ways) >> 32) * ways;
    }

    // Null when there is no such record, also when the region has no places.
    Slot* find(const Digest& digest) const noexcept {
        if (capacity == 0) {
            return nullptr;
        }
        const std::uint32_t begin = bucket(digest);
        for (std::uint32_t i = begin; i < begin + ways; ++i) {
            // Constant time is not needed: a digest's prefix tells nothing of what it was made from.
            if (slot(i).is_live() && slot(i).digest == digest) {
                return &slot(i);
            }
        }
        return nullptr;
    }

    void copy(Slot& slot, Found& found) const noexcept {
        found.found = true;
        found.size = static_cast<std::uint16_t>(std::min<std::size_t>(slot.size, payload_room));
        std::memcpy(found.bytes, slot.payload(), found.size);
    }

    // A place that is free or expired; or, of the owner with the most records, the one that expires first. The record
    // that is to come counts for its owner.
    Slot& place_for(const Digest& digest, std::uint64_t owner, std::uint64_t now_ms) const noexcept {
        const std::uint32_t begin = bucket(digest);
        Slot* place = nullptr;
        std::uint32_t most = 0;
        for (std::uint32_t i = begin; i < begin + ways; ++i) {
            Slot& candidate = slot(i);
            if (!candidate.is_live() || now_ms >= candidate.expires_ms) {
                return candidate;
            }
            std::uint32_t records = candidate.owner == owner ? 1 : 0;
            for (std::uint32_t other = begin; other < begin + ways; ++other) {
                records += slot(other).owner == candidate.owner ? 1 : 0;
            }
            if (records > most || (records == most && candidate.expires_ms < place->expires_ms)) {
                place = &candidate;
                most = records;
            }
        }
        return *place;
    }
};

std::size_t OidcTable::bytes_for(const Capacity& capacity) noexcept {
    static_assert(std::is_trivially_copyable_v<Slot> && sizeof(Slot) == 56);
    static_assert(longest_payload % alignof(Slot) == 0 && longest_mfa_payload % alignof(Slot) == 0);

    const auto rounded = [](std::uint32_t records) { return std::size_t{records / ways * ways}; };
    return (rounded(capacity.flows) + rounded(capacity.codes)) * (sizeof(Slot) + longest_payload) +
           rounded(capacity.mfa_sessions) * (sizeof(Slot) + longest_mfa_payload);
}

OidcTable::OidcTable(void* memory, const Capacity& capacity) noexcept
    : memory_(static_cast<unsigned char*>(memory)), capacity_(capacity) {}

OidcTable::Region OidcTable::region(Kind kind) const noexcept {
    switch (kind) {
    case Kind::flow:
        return {memory_, capacity_.flows / ways * ways, longest_payload};
    case Kind::code:
        return {memory_ + bytes_for({capacity_.flows, 0, 0}), capacity_.codes / ways * ways, longest_payload};
    case Kind::mfa:
        return {memory_ + bytes_for({capacity_.flows, capacity_.codes, 0}), capacity_.mfa_sessions / ways * ways,
                longest_mfa_payload};
    }
    return {memory_, 0, 0};
}

bool OidcTable::put(Kind kind, const Digest& digest, std::uint64_t owner, std::string_view payload,
                    std::uint64_t expires_ms, std::uint64_t now_ms) noexcept {
    const Region places = region(kind);
    if (places.capacity == 0 || payload.size() > places.payload_room) {
        return false;
    }
    Slot* same = places.find(digest);
    Slot& place = same != nullptr ? *same : places.place_for(digest, owner, now_ms);
    place.clear(places.payload_room);
    place.digest = digest;
    place.expires_ms = expires_ms;
    place.owner = owner;
    place.size = static_cast<std::uint16_t>(payload.size());
    std::atomic_signal_fence(std::memory_order_seq_cst);
    std::copy(payload.begin(), payload.end(), place.payload());
    place.set_state(live_slot);
    return true;
}

OidcTable::Found::~Found() {
    wipe(bytes, size);
}

OidcTable::Found OidcTable::take(Kind kind, const Digest& digest, std::uint64_t now_ms) noexcept {
    Found found;
    const Region places = region(kind);
    Slot* slot = places.find(digest);
    if (slot == nullptr) {
        return found;
    }
    slot->set_state(free_slot);
    if (now_ms < slot->expires_ms) {
        places.copy(*slot, found);
    }
    slot->clear(places.payload_room);
    return found;
}

OidcTable::Found OidcTable::look(Kind kind, const Digest& digest, std::uint64_t now_ms) const noexcept {
    Found found;
    const Region places = region(kind);
    Slot* slot = places.find(digest);
    if (slot != nullptr && now_ms < slot->expires_ms) {
        places.copy(*slot, found);
    }
    return found;
}

void OidcTable::wipe_expired(std::uint32_t& cursor, std::uint32_t places, std::uint64_t now_ms) noexcept {
    const Region regions[] = {region(Kind::flow), region(Kind::code), region(Kind::mfa)};
    const std::uint32_t all = regions[0].capacity + regions[1].capacity + regions[2].capacity;
    for (places = std::min(places, all); places != 0; --places) {
        cursor = cursor + 1 < all ? cursor + 1 : 0;
        const Region* in = regions;
        std::uint32_t i = cursor;
        while (i >= in->capacity) {
            i -= in->capacity;
            ++in;
        }
        Slot& slot = in->slot(i);
        if (slot.is_live() ? now_ms >= slot.expires_ms : slot.size != 0) {
            slot.clear(in->payload_room);
        }
    }
}

}  // namespace auth_gate
