// Waiting for a lock that is held for a fraction of a microsecond, by a process that may have lost its processor.
#pragma once

namespace auth_gate {

// Holds a Mutex, which has try_lock(), unlock(), pause(), which takes some tens of nanoseconds, yield(), which lets
// another process run, and alone(): whether there is one processor only.
template <typename Mutex>
class SpinLock {
public:
    // Each wait is twice as long as the one before: in the meantime the holder, and whoever comes right after it, have
    // the lock's cache line to themselves. After some 50 microseconds the holder is not running, and wants the
    // processor.
    explicit SpinLock(Mutex mutex) noexcept : mutex_(mutex) {
        constexpr unsigned most_pauses = 1024;
        for (unsigned pauses = 1; !mutex_.try_lock();) {
            if (mutex_.alone() || pauses == most_pauses) {
                mutex_.yield();
                continue;
            }
            for (unsigned i = 0; i < pauses; ++i) {
                mutex_.pause();
            }
            pauses *= 2;
        }
    }
    ~SpinLock() { mutex_.unlock(); }
    SpinLock(const SpinLock&) = delete;
    SpinLock& operator=(const SpinLock&) = delete;

private:
    Mutex mutex_;
};

}  // namespace auth_gate
