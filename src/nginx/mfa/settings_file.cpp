#include "nginx/mfa/settings_file.hpp"

#include "nginx/state/zone.hpp"

namespace auth_gate {

namespace {

constexpr std::string_view settings_file = "settings.json";

}  // namespace

ngx_int_t load_settings(ngx_log_t* log, const ngx_str_t& state_path, Zone& zone, const Zone* previous) noexcept {
    return shielded(log, ngx_int_t{NGX_ERROR}, [&]() -> ngx_int_t {
        SettingsReader reader(zone);
        const LoadedState loaded = load_state(log, state_path, reader);
        if (loaded == LoadedState::missing && zone.settings_version() == 0) {
            zone.begin_with(previous == nullptr ? Settings() : previous->settings(),
                            previous != nullptr && previous->has_settings_file());
        }
        return loaded == LoadedState::unusable ? NGX_ERROR : NGX_OK;
    });
}

void sweep_settings(ngx_log_t* log, const ngx_str_t& state_path) noexcept {
    sweep_state(log, state_path, settings_file);
}

std::string_view SettingsReader::file_name() const noexcept {
    return settings_file;
}

std::uint64_t SettingsReader::reads() const noexcept {
    return zone_.settings_reads();
}

bool SettingsReader::has_file() const noexcept {
    return zone_.has_settings_file();
}

StateReader::Taken SettingsReader::take(const std::string& content, std::uint64_t reads, std::string& why) {
    const auto settings = from_file(content, why);
    if (!settings) {
        return Taken::damaged;
    }
    return zone_.publish(*settings, reads) ? Taken::taken : Taken::overtaken;
}

void SettingsReader::warn(ngx_log_t* log, const std::string& path, const std::string& content) const {
    if (const std::string name = unknown_member(content); !name.empty()) {
        ngx_log_error(NGX_LOG_WARN, log, 0,
                      "auth_gate: the settings \"%s\" have the member \"%s\", which means nothing here", path.c_str(),
                      name.c_str());
    }
}

std::string_view SettingsEdit::file_name() const noexcept {
    return settings_file;
}

std::optional<std::string> SettingsEdit::apply(const std::string* before) {
    return changed_file(before == nullptr ? std::string_view() : *before, settings_);
}

std::uint64_t* SettingsEdit::last_written() noexcept {
    const MainConf* main = current_main_conf();
    return has_lasting_zones() && main != nullptr && main->zone != nullptr ? &main->zone->settings_written() : nullptr;
}

}  // namespace auth_gate
