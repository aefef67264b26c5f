#include "core/oidc/table.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <type_traits>

namespace auth_gate::oidc {

namespace {

constexpr std::uint32_t ways = 16;

enum State : std::uint32_t { free_slot = 0, live_slot = 1 };

}  // namespace

struct RecordTable::Slot {
    Digest digest;
    std::uint64_t expires_ms;
    std::uint64_t owner;
    std::uint32_t state;
    std::uint16_t size;
    std::uint16_t unused;

    unsigned char* payload() noexcept { return static_cast<unsigned char*>(static_cast<void*>(this + 1)); }
    bool is_live() const noexcept { return state == live_slot; }

    // Keeps the order of writes for a process that is killed in between.
    void set_state(State value) noexcept {
        std::atomic_signal_fence(std::memory_order_seq_cst);
        std::atomic_ref<std::uint32_t>(state).store(value, std::memory_order_release);
        std::atomic_signal_fence(std::memory_order_seq_cst);
    }

    // A size other than 0 says that there may be bytes to wipe, even in a free slot.
    void clear(std::size_t payload_room) noexcept {
        set_state(free_slot);
        wipe(payload(), payload_room);
        size = 0;
    }
};

// The slots of one kind.
struct RecordTable::Region {
    unsigned char* first;
    std::uint32_t capacity;
    std::size_t payload_room;

    Slot& slot(std::uint32_t i) const noexcept {
        return *static_cast<Slot*>(static_cast<void*>(first + i * (sizeof(Slot) + payload_room)));
    }

    // The first slot of the digest's bucket. The capacity is not 0.
    std::uint32_t bucket(const Digest& digest) const noexcept {
        return static_cast<std::uint32_t>((short_hash(digest) >> 32) * (capacity / ways) >> 32) * ways;
    }

    // Null if there is no such record.
    Slot* find(const Digest& digest) const noexcept {
        if (capacity == 0) {
            return nullptr;
        }
        const std::uint32_t begin = bucket(digest);
        for (std::uint32_t i = begin; i < begin + ways; ++i) {
            // No need for constant time: part of a digest reveals nothing about its preimage.
            if (slot(i).is_live() && slot(i).digest == digest) {
                return &slot(i);
            }
        }
        return nullptr;
    }

    void copy(Slot& slot, Record& record) const noexcept {
        record.found = true;
        record.size = static_cast<std::uint16_t>(std::min<std::size_t>(slot.size, payload_room));
        std::memcpy(record.bytes, slot.payload(), record.size);
    }

    // A slot that is free or expired; otherwise, of the owner with the most records (the new one included), the one
    // that expires first.
    Slot& slot_for(const Digest& digest, std::uint64_t owner, std::uint64_t now_ms) const noexcept {
        const std::uint32_t begin = bucket(digest);
        Slot* chosen = &slot(begin);
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
            if (records > most || (records == most && candidate.expires_ms < chosen->expires_ms)) {
                chosen = &candidate;
                most = records;
            }
        }
        return *chosen;
    }
};

std::size_t RecordTable::bytes_for(const Capacity& capacity) noexcept {
    static_assert(std::is_trivially_copyable_v<Slot> && sizeof(Slot) == 56);
    static_assert(Record::longest_flow % alignof(Slot) == 0 && Record::longest_code % alignof(Slot) == 0 &&
                  Record::longest_mfa % alignof(Slot) == 0);

    const auto rounded = [](std::uint32_t records) { return std::size_t{records} / ways * ways; };
    return rounded(capacity.flows) * (sizeof(Slot) + Record::longest_flow) +
           rounded(capacity.codes) * (sizeof(Slot) + Record::longest_code) +
           rounded(capacity.mfa_sessions) * (sizeof(Slot) + Record::longest_mfa);
}

RecordTable::RecordTable(void* memory, const Capacity& capacity) noexcept
    : memory_(static_cast<unsigned char*>(memory)), capacity_(capacity) {}

RecordTable::Region RecordTable::region(RecordKind kind) const noexcept {
    switch (kind) {
    case RecordKind::flow:
        return {memory_, capacity_.flows / ways * ways, Record::longest_flow};
    case RecordKind::code:
        return {memory_ + bytes_for({capacity_.flows, 0, 0}), capacity_.codes / ways * ways, Record::longest_code};
    case RecordKind::mfa:
        return {memory_ + bytes_for({capacity_.flows, capacity_.codes, 0}), capacity_.mfa_sessions / ways * ways,
                Record::longest_mfa};
    }
    return {memory_, 0, 0};
}

bool RecordTable::put(RecordKind kind, const Digest& digest, std::uint64_t owner, std::string_view payload,
                      std::uint64_t expires_ms, std::uint64_t now_ms) noexcept {
    const Region slots = region(kind);
    if (slots.capacity == 0 || payload.size() > slots.payload_room) {
        return false;
    }
    Slot* same = slots.find(digest);
    if (same == nullptr) {
        same = &slots.slot_for(digest, owner, now_ms);
    }
    Slot& slot = *same;
    slot.clear(slots.payload_room);
    slot.digest = digest;
    slot.expires_ms = expires_ms;
    slot.owner = owner;
    slot.size = static_cast<std::uint16_t>(payload.size());
    std::atomic_signal_fence(std::memory_order_seq_cst);
    std::copy(payload.begin(), payload.end(), slot.payload());
    slot.set_state(live_slot);
    return true;
}

Record RecordTable::take(RecordKind kind, const Digest& digest, std::uint64_t now_ms) noexcept {
    Record record;
    const Region slots = region(kind);
    Slot* slot = slots.find(digest);
    if (slot == nullptr) {
        return record;
    }
    slot->set_state(free_slot);
    if (now_ms < slot->expires_ms) {
        slots.copy(*slot, record);
    }
    slot->clear(slots.payload_room);
    return record;
}

Record RecordTable::look(RecordKind kind, const Digest& digest, std::uint64_t now_ms) const noexcept {
    Record record;
    const Region slots = region(kind);
    Slot* slot = slots.find(digest);
    if (slot != nullptr && now_ms < slot->expires_ms) {
        slots.copy(*slot, record);
    }
    return record;
}

void RecordTable::wipe_expired(std::uint32_t& cursor, std::uint32_t slots, std::uint64_t now_ms) noexcept {
    const Region regions[] = {region(RecordKind::flow), region(RecordKind::code), region(RecordKind::mfa)};
    const std::uint32_t all = regions[0].capacity + regions[1].capacity + regions[2].capacity;
    for (slots = std::min(slots, all); slots != 0; --slots) {
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

}  // namespace auth_gate::oidc
