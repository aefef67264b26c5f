// An answer that is there at once, or comes later.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

namespace auth_gate {

// One question at a time: idle, asked, ready. Whoever answers at once calls answer() and never ask(). Whoever answers
// later calls ask() first; cancel(), or the end of this object, then tells them that nobody waits any more.
template <typename T>
class Pending {
public:
    using Cancel = void (*)(void* question) noexcept;
    using Wake = void (*)(void* waiter) noexcept;

    Pending() = default;
    Pending(const Pending&) = delete;
    Pending& operator=(const Pending&) = delete;
    ~Pending() { cancel(); }

    bool is_idle() const noexcept { return !asked_ && !answer_; }
    bool is_asked() const noexcept { return asked_; }
    bool is_ready() const noexcept { return answer_.has_value(); }

    // idle -> asked. `on_cancel(question)` is called at most once, and not after answer().
    void ask(void* question, Cancel on_cancel) noexcept {
        asked_ = true;
        question_ = question;
        cancel_ = on_cancel;
    }

    // `wake(waiter)` is called when an answer comes after ask().
    void on_ready(void* waiter, Wake wake) noexcept {
        waiter_ = waiter;
        wake_ = wake;
    }

    // -> ready. The waiter may destroy this object.
    void answer(T value) {
        answer_ = std::move(value);
        cancel_ = nullptr;
        const bool was_asked = std::exchange(asked_, false);
        const Wake wake = std::exchange(wake_, nullptr);
        if (was_asked && wake != nullptr) {
            wake(waiter_);
        }
    }

    // Only when ready.
    T& value() noexcept { return *answer_; }
    const T& value() const noexcept { return *answer_; }

    // -> idle.
    void cancel() noexcept {
        const Cancel on_cancel = std::exchange(cancel_, nullptr);
        const bool was_asked = std::exchange(asked_, false);
        wake_ = nullptr;
        answer_.reset();
        if (was_asked && on_cancel != nullptr) {
            on_cancel(question_);
        }
    }

private:
    std::optional<T> answer_;
    void* question_ = nullptr;
    void* waiter_ = nullptr;
    Cancel cancel_ = nullptr;
    Wake wake_ = nullptr;
    bool asked_ = false;
};

}  // namespace auth_gate
