// Single flight in shared memory: one caller asks, and everybody else who needs the same answer waits for it.
//
// A SingleFlight stands in the shared record beside the answer. The caller holds the zone's lock for every call. An
// asker that is killed holds the others up until its deadline and no longer. An answer that comes after the deadline or
// after a reset() has a stale ticket and must not be stored.
#pragma once

#include <cstdint>

namespace auth_gate {

enum class Turn : std::uint8_t {
    none,    // nothing to ask: the answer is known, or it is too early to try again
    mine,    // the caller asks, and must store the answer or give up
    others,  // somebody else is asking
};

// Zeroed memory is a flight that nobody has begun.
class SingleFlight {
public:
    // Returns mine or others. With mine, ticket() is the caller's.
    Turn begin(std::uint64_t now_ms, std::uint64_t deadline_ms) noexcept {
        if (is_asked(now_ms)) {
            return Turn::others;
        }
        ++ticket_;
        deadline_ms_ = deadline_ms;
        return Turn::mine;
    }

    bool is_asked(std::uint64_t now_ms) const noexcept { return now_ms < deadline_ms_; }
    std::uint64_t deadline_ms() const noexcept { return deadline_ms_; }

    std::uint32_t ticket() const noexcept { return ticket_; }
    bool is_current(std::uint32_t ticket) const noexcept { return ticket == ticket_; }

    // The asker has stored the answer. Call it last: until then a killed asker still counts as asking.
    void finish() noexcept { deadline_ms_ = 0; }

    // The asker has no answer. A stale ticket does nothing.
    void give_up(std::uint32_t ticket) noexcept {
        if (is_current(ticket)) {
            deadline_ms_ = 0;
        }
    }

    // Makes all tickets stale: the answer that is on its way is out of date.
    void reset() noexcept {
        deadline_ms_ = 0;
        ++ticket_;
    }

private:
    std::uint64_t deadline_ms_;  // 0: nobody asks
    std::uint32_t ticket_;
    std::uint32_t unused_;
};

}  // namespace auth_gate
