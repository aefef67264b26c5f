#include "nginx/state/watch.hpp"

#include "nginx/mfa/settings_file.hpp"
#include "nginx/ngx/timer.hpp"
#include "nginx/oidc/provider_conf.hpp"
#include "nginx/oidc/settings.hpp"
#include "nginx/oidc/zone.hpp"
#include "nginx/state/state_watch.hpp"
#include "nginx/state/zone.hpp"

namespace auth_gate {

namespace {

constexpr ngx_msec_t interval_ms = 250;

// One per process.
struct Watches {
    StateWatch settings;
    StateWatch oidc_settings;
    const void* zone = nullptr;  // with `master_process off`, a reload replaces the zones
    const void* oidc_zone = nullptr;
};

constinit Watches watches;
constinit Timer timer;

// Calls the function for each file that this process has use for.
template <typename F>
void with_settings(F&& f) {
    auto* main = current_main_conf();
    if (main == nullptr || main->zone == nullptr || !main->zone->keeps_settings()) {
        return;
    }
    if (std::exchange(watches.zone, main->zone) != main->zone) {
        watches.settings.forget();
    }
    SettingsReader reader(*main->zone);
    f(watches.settings, main->state_path, reader);
}

template <typename F>
void with_oidc_settings(F&& f) {
    auto* main = current_main_conf();
    if (main == nullptr || main->oidc == nullptr || !main->oidc->zone->keeps_settings()) {
        return;
    }
    OidcZone* zone = main->oidc->zone;
    if (std::exchange(watches.oidc_zone, zone) != zone) {
        watches.oidc_settings.forget();
    }
    OidcSettingsReader reader(*zone);
    f(watches.oidc_settings, main->state_path, reader);
}

// Also in a worker that is shutting down: its sockets and its requests are held to the policy.
void look_at_all(ngx_event_t* event) noexcept {
    const auto look = [&](StateWatch& watch, const ngx_str_t& state_path, StateReader& reader) {
        watch.look(event->log, state_path, reader);
    };
    with_settings(look);
    with_oidc_settings(look);
    ngx_add_timer(event, interval_ms);
}

}  // namespace

void start_state_watch(ngx_cycle_t* cycle) noexcept {
    timer.init(look_at_all, cycle->log);
    timer.event.cancelable = 1;
    look_at_all(&timer.event);
}

bool reread_settings() noexcept {
    bool read = false;
    with_settings([&](StateWatch& watch, const ngx_str_t& state_path, StateReader& reader) {
        read = watch.read_now(ngx_cycle->log, state_path, reader);
    });
    return read;
}

bool reread_oidc_settings() noexcept {
    bool read = false;
    with_oidc_settings([&](StateWatch& watch, const ngx_str_t& state_path, StateReader& reader) {
        read = watch.read_now(ngx_cycle->log, state_path, reader);
    });
    return read;
}

}  // namespace auth_gate
