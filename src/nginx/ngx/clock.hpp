// What time it is, also where nginx's own clock is old: nginx reads it once for all events that came together, and with
// timer_resolution only as often as that says.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include <algorithm>
#include <cstdint>
#include <ctime>

namespace auth_gate {

// Seconds since 1970. time() costs no system call, but lags behind the exact clock by up to a tick of the kernel, which
// nginx's clock does not when it has just been read.
inline std::int64_t wall_clock() noexcept {
    return std::max(std::int64_t{ngx_time()}, std::int64_t{std::time(nullptr)});
}

// Milliseconds of a clock that never goes back, the same in all processes of the machine.
inline std::uint64_t steady_clock_ms() noexcept {
    void* conf = ngx_get_conf(ngx_cycle->conf_ctx, ngx_core_module);
    const auto* core = static_cast<ngx_core_conf_t*>(conf);
    if (core->timer_resolution == 0) {
        return ngx_current_msec;
    }
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);  // as nginx does
    return static_cast<std::uint64_t>(now.tv_sec) * 1000 + static_cast<std::uint64_t>(now.tv_nsec) / 1'000'000;
}

}  // namespace auth_gate
