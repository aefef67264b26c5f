// When the users of open WebSockets are asked about. Times are milliseconds of a monotonic clock.
#pragma once

#include <cstddef>
#include <cstdint>

namespace auth_gate {

// What is known of one socket: settled, or waiting to be asked about, or asked about. Zeroed memory is settled.
class SocketCheck {
public:
    static constexpr std::uint64_t patience_ms = 60'000;  // the longest time without a verdict
    // After a verdict, before a change of the user is asked about. It doubles with each change that follows within
    // `quiet_ms`: whoever makes many changes does not cause as many lookups.
    static constexpr std::uint64_t rest_ms = 2'000;
    static constexpr std::uint64_t longest_rest_ms = 32'000;
    static constexpr std::uint64_t quiet_ms = 60'000;
    static constexpr std::uint64_t retry_ms = 1'000;  // after a question without a verdict

    bool is_settled() const noexcept { return state_ == State::settled; }
    bool is_waiting() const noexcept { return state_ == State::waiting; }
    bool is_asked() const noexcept { return state_ == State::asked; }

    // The last verdict no longer counts, because the settings or the user changed.
    void demand_for_settings(std::uint64_t now_ms) noexcept;
    void demand_for_user(std::uint64_t now_ms) noexcept;

    bool may_ask(std::uint64_t now_ms) const noexcept { return is_waiting() && now_ms >= not_before_ms_; }
    bool is_overdue(std::uint64_t now_ms) const noexcept { return !is_settled() && now_ms - since_ms_ >= patience_ms; }

    // waiting -> asked.
    void ask() noexcept { state_ = State::asked; }

    // -> settled.
    void settle(std::uint64_t now_ms) noexcept;

    // -> waiting, for at least `delay_ms`.
    void wait(std::uint64_t now_ms, std::uint64_t delay_ms) noexcept;

    // There is no socket yet whose time could run.
    void start_again(std::uint64_t now_ms) noexcept { since_ms_ = now_ms; }

private:
    enum class State : std::uint8_t { settled, waiting, asked };

    void demand(std::uint64_t now_ms) noexcept;

    State state_ = State::settled;
    std::uint64_t since_ms_ = 0;       // without a verdict
    std::uint64_t verdict_ms_ = 0;     // of the last one; 0: there was none
    std::uint64_t not_before_ms_ = 0;  // the next question
    std::uint64_t next_rest_ms_ = 0;   // 0: it has been quiet
};

// How many questions there are at once in a process. Zeroed memory is none.
class CheckPace {
public:
    static constexpr std::uint32_t failures_in_a_row = 2;  // then the application is taken to be in trouble,
    static constexpr std::uint64_t trouble_ms = 500;       // and is asked one question each time

    // Questions take at most half of the connections that would be free without them.
    bool may_start(std::size_t limit, std::size_t free_connections, std::uint64_t now_ms) const noexcept;

    void start() noexcept { ++asked_; }
    void end() noexcept { --asked_; }

    // Whether the application answered, whatever it said.
    void heard(bool answered, std::uint64_t now_ms) noexcept;

private:
    std::size_t asked_ = 0;
    std::uint32_t failures_ = 0;
    std::uint64_t not_before_ms_ = 0;
};

}  // namespace auth_gate
