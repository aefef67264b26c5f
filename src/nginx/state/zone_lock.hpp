// The lock of a shared memory zone.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include "core/base/spin_lock.hpp"

namespace auth_gate {

// The zone's slab mutex: the one lock that nginx's master frees when its holder is killed. It is taken without the
// semaphore that ngx_shmtx_lock() waits for, since a killed holder may never post it.
class SlabMutex {
public:
    explicit SlabMutex(ngx_slab_pool_t* pool) noexcept : mutex_(&pool->mutex) {}

    bool try_lock() noexcept { return ngx_shmtx_trylock(mutex_) != 0; }
    void unlock() noexcept { ngx_shmtx_unlock(mutex_); }
    static void pause() noexcept { ngx_cpu_pause(); }
    static void yield() noexcept { ngx_sched_yield(); }
    static bool alone() noexcept { return ngx_ncpu == 1; }

private:
    ngx_shmtx_t* mutex_;
};

class ZoneLock : public SpinLock<SlabMutex> {
public:
    explicit ZoneLock(ngx_slab_pool_t* pool) noexcept : SpinLock(SlabMutex(pool)) {}
};

}  // namespace auth_gate
