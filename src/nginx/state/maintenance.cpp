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

// The zones are looked up when it fires: a reload in a single process replaces them.
void clean_up(ngx_event_t* event) noexcept {
    if (ngx_exiting) {
        return;
    }
    auto* main = current_main_conf();
    if (main != nullptr && main->zone != nullptr) {
        if (main->zone->tokens().expire_some(zone_clock())) {
            // However many expired at once, requests come in between.
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

void start_clean_up(ngx_cycle_t* cycle) noexcept {
    timer.init(clean_up, cycle->log);
    timer.event.cancelable = 1;
    ngx_add_timer(&timer.event, interval_ms);
}

}  // namespace auth_gate
