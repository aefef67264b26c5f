#include "nginx/mfa/settings_file.hpp"

#include "nginx/state/zone.hpp"

namespace auth_gate {

namespace {

constexpr std::string_view file_name = "settings.json";

}  // namespace

ngx_int_t load_settings(ngx_log_t* log, const ngx_str_t& state_path, Zone& zone) noexcept {
    return shielded(log, ngx_int_t{NGX_ERROR}, [&]() -> ngx_int_t {
        // The directory may be missing: nginx -t may run before the first start.
        const File lock = lock_state(std::string(view(state_path)));
        std::string content;
        const ngx_int_t rc = read_state(log, state_path, file_name, content);
        if (rc != NGX_OK) {
            return rc == NGX_ERROR ? rc : (zone.publish({}), ngx_int_t{NGX_OK});
        }
        std::string why;
        const auto settings = from_file(content, why);
        if (!settings) {
            return state_damaged(log, state_path, file_name, why);
        }
        zone.publish(*settings);
        return NGX_OK;
    });
}

void sweep_settings(ngx_log_t* log, const ngx_str_t& state_path) noexcept {
    sweep_state(log, state_path, file_name);
}

bool SettingsWriter::prepare(ngx_log_t* log, const ngx_str_t& state_path, const Settings& settings) {
    settings_ = settings;
    return file_.prepare(log, state_path, file_name, to_file(settings));
}

bool SettingsWriter::commit(ngx_log_t* log, Zone& zone) {
    const File directory = lock_state(file_.directory());
    if (!directory.is_open()) {
        return state_failed(log, "locking", file_.directory());
    }
    if (!file_.replace(log, directory)) {
        return false;
    }
    zone.publish(settings_);
    return true;
}

}  // namespace auth_gate
