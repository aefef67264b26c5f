#include "core/mfa/socket_check.hpp"

#include <algorithm>

namespace auth_gate {

void SocketCheck::demand(std::uint64_t now_ms) noexcept {
    if (is_settled()) {
        state_ = State::waiting;
        since_ms_ = now_ms;
    }
}

void SocketCheck::demand_for_settings(std::uint64_t now_ms) noexcept {
    if (is_settled()) {
        not_before_ms_ = now_ms;
    }
    demand(now_ms);
}

void SocketCheck::demand_for_user(std::uint64_t now_ms) noexcept {
    if (is_settled()) {
        const bool quiet = verdict_ms_ == 0 || now_ms - verdict_ms_ >= quiet_ms;
        next_rest_ms_ = quiet ? 0 : std::clamp(2 * next_rest_ms_, rest_ms, longest_rest_ms);
        not_before_ms_ = std::max(now_ms, verdict_ms_ + next_rest_ms_);
    }
    demand(now_ms);
}

void SocketCheck::settle(std::uint64_t now_ms) noexcept {
    state_ = State::settled;
    verdict_ms_ = now_ms;
}

void SocketCheck::wait(std::uint64_t now_ms, std::uint64_t delay_ms) noexcept {
    state_ = State::waiting;
    not_before_ms_ = std::max(not_before_ms_, now_ms + delay_ms);
}

bool CheckPace::may_start(std::size_t limit, std::size_t free_connections, std::uint64_t now_ms) const noexcept {
    if (failures_ >= failures_in_a_row && (asked_ != 0 || now_ms < not_before_ms_)) {
        return false;
    }
    return asked_ < limit && asked_ < free_connections;
}

void CheckPace::heard(bool answered, std::uint64_t now_ms) noexcept {
    failures_ = answered ? 0 : failures_ + 1;
    not_before_ms_ = now_ms + trouble_ms;
}

}  // namespace auth_gate
