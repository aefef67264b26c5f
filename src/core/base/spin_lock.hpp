// Waiting for a lock that is held for a fraction of a microsecond, by a process that may have lost its processor.
#pragma once

namespace auth_gate {

// Holds a Mutex, which has try_lock(), unlock(), pause(), which takes some tens of nanoseconds, yield(), which lets
// another process run, and alone(): whether there is one processor only.
template <typename Mutex>
class SpinLock {
public:
    // The first wait is longer than the lock is held, and each one longer than the one before: where one processor
    // needs long to get what another one has just written, it is better that one worker goes on for a while than that
    // all take turns. After some 30 microseconds the holder is not running, and wants the processor.
    explicit SpinLock(Mutex mutex) noexcept : mutex_(mutex) {
        constexpr unsigned most_pauses = 512;
        for (unsigned pauses = 32; !mutex_.try_lock();) {
            if (mutex_.alone() || pauses > most_pauses) {
                mutex_.yield();
                continue;
            }
            for (unsigned i = 0; i < pauses; ++i) {
                mutex_.pause();
            }
            pauses *= 4;
        }
    }
    ~SpinLock() { mutex_.unlock(); }
    SpinLock(const SpinLock&) = delete;
    SpinLock& operator=(const SpinLock&) = delete;

private:
    Mutex mutex_;
};

}  // namespace auth_gate
