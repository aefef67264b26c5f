// A spin lock with back-off, for a lock that is held for less than a microsecond by a process that may be preempted.
#pragma once

namespace auth_gate {

// Holds a Mutex during its own lifetime. Mutex provides try_lock(), unlock(), pause() (some tens of nanoseconds),
// yield() (lets another process run), and alone() (whether there is only one processor).
template <typename Mutex>
class SpinLock {
public:
    // The first wait exceeds the usual hold, and each wait is longer than the one before. Moving cache lines between
    // processors is slow, so one worker should take the lock several times in a row rather than all in turn. After some
    // 30 microseconds the holder has probably been preempted and needs the processor.
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
