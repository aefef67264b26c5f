// The settings in the state directory: settings.json, which an administrator without a way in can edit.
#pragma once

#include "nginx/conf/conf.hpp"
#include "nginx/state/state_file.hpp"

#include "core/mfa/settings.hpp"

namespace auth_gate {

// Reads the settings into the zone. Defaults when there is no file yet; NGX_ERROR, and said why, when it is
// damaged. For nginx's start and reload.
ngx_int_t load_settings(ngx_log_t* log, const ngx_str_t& state_path, Zone& zone) noexcept;

// Removes what workers left behind that were killed while they wrote. For nginx's start and reload.
void sweep_settings(ngx_log_t* log, const ngx_str_t& state_path) noexcept;

// A change of the settings in two steps, so that what can fail has failed before the application is asked.
class SettingsWriter {
public:
    // Writes a temporary file, to the disk. False, and said why, when that fails.
    bool prepare(ngx_log_t* log, const ngx_str_t& state_path, const Settings& settings);

    // Puts it in place and publishes it, in this order, one process at a time. False: nothing has changed.
    bool commit(ngx_log_t* log, Zone& zone);

private:
    StateFile file_;
    Settings settings_;
};

}  // namespace auth_gate
