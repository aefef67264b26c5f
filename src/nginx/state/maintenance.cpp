#include "nginx/state/maintenance.hpp"

#include "nginx/conf/conf.hpp"
#include "nginx/ngx/timer.hpp"
#include "nginx/oidc/provider_conf.hpp"
#include "nginx/oidc/zone.hpp"
#include "nginx/state/zone.hpp"

namespace auth_gate {

namespace {

constexpr ngx_msec_t interval_ms = 1000;

constinit Timer timer;

// The zones are looked up on each run: with `master_process off`, a reload replaces them.
void maintain(ngx_event_t* event) noexcept {
    if (ngx_exiting) {
        return;
    }
    auto* main = current_main_conf();
    if (main != nullptr && main->zone != nullptr) {
        if (main->zone->tokens().expire_some(zone_clock())) {
            // Go on after the next round of events, so that many expired tokens do not hold up requests.
            ngx_post_event(event, &ngx_posted_next_events);
            return;
        }
    }
    if (main != nullptr && main->oidc != nullptr) {
        main->oidc->zone->wipe_expired();
    }
    ngx_add_timer(event, interval_ms);
}

}  // namespace

void start_maintenance(ngx_cycle_t* cycle) noexcept {
    timer.init(maintain, cycle->log);
    timer.event.cancelable = 1;
    ngx_add_timer(&timer.event, interval_ms);
}

}  // namespace auth_gate
