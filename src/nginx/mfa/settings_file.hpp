// The settings file, settings.json in the state directory. An administrator who is locked out can edit it.
#pragma once

#include "nginx/conf/conf.hpp"
#include "nginx/state/state_file.hpp"

#include "core/mfa/settings.hpp"

namespace auth_gate {

// Reads the settings into the zone; without a file, the defaults. NGX_ERROR, after logging why, when the file is
// damaged. For nginx's start and reload.
ngx_int_t load_settings(ngx_log_t* log, const ngx_str_t& state_path, Zone& zone) noexcept;

// Removes temporary files of workers that were killed while writing. For nginx's start and reload.
void sweep_settings(ngx_log_t* log, const ngx_str_t& state_path) noexcept;

// A change of the settings in two steps: what is likely to fail fails in the first, before the application is asked.
class SettingsWriter {
public:
    // Writes a temporary file and waits for the disk (fsync). False, after logging why, when that fails.
    bool prepare(ngx_log_t* log, const ngx_str_t& state_path, const Settings& settings);

    // Renames the file into place, waits for the disk, and then publishes the settings to all workers. One process at a
    // time. False, after logging why, when nothing has changed.
    bool commit(ngx_log_t* log, Zone& zone);

private:
    StateFile file_;
    Settings settings_;
};

}  // namespace auth_gate
