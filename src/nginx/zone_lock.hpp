// The lock of a shared memory zone.
#pragma once

#include "ngx.hpp"

#include <algorithm>

namespace auth_gate {

// The zone's slab mutex: the one lock that nginx's master frees when its holder is killed. Taken without
// the semaphore that ngx_shmtx_lock() sleeps on, since a killed holder may never have posted it.
class ZoneLock {
public:
    explicit ZoneLock(ngx_slab_pool_t* pool) noexcept : mutex_(pool->mutex) {
        constexpr ngx_uint_t most_spins = 1024;
        for (ngx_uint_t spins = 1; !ngx_shmtx_trylock(&mutex_); spins = std::min(2 * spins, most_spins)) {
            if (ngx_ncpu == 1 || spins == most_spins) {
                ngx_sched_yield();
                continue;
            }
            for (ngx_uint_t i = 0; i < spins; ++i) {
                ngx_cpu_pause();
            }
        }
    }
    ~ZoneLock() { ngx_shmtx_unlock(&mutex_); }
    ZoneLock(const ZoneLock&) = delete;
    ZoneLock& operator=(const ZoneLock&) = delete;

private:
    ngx_shmtx_t& mutex_;
};

}  // namespace auth_gate
