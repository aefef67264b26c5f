// The settings file, settings.json in the state directory. An administrator who is locked out can edit it.
#pragma once

#include "nginx/conf/conf.hpp"
#include "nginx/state/state_reader.hpp"
#include "nginx/state/state_write.hpp"
#include "nginx/state/watch.hpp"

#include "core/mfa/settings.hpp"

namespace auth_gate {

// Reads the settings into the zone. NGX_ERROR, after logging why, when the file is damaged. Without a file, what is in
// force stays in force: in this zone, or in the one that it takes the place of (`previous`, or null). At the first
// start these are the defaults. For nginx's start and reload.
ngx_int_t load_settings(ngx_log_t* log, const ngx_str_t& state_path, Zone& zone, const Zone* previous) noexcept;

// Removes temporary files of workers that were killed while writing. For nginx's start and reload.
void sweep_settings(ngx_log_t* log, const ngx_str_t& state_path) noexcept;

class SettingsReader final : public StateReader {
public:
    explicit SettingsReader(Zone& zone) noexcept : zone_(zone) {}

    std::string_view file_name() const noexcept override;
    std::uint64_t reads() const noexcept override;
    bool has_file() const noexcept override;
    Taken take(const std::string& content, std::uint64_t reads, std::string& why) override;
    void warn(ngx_log_t* log, const std::string& path, const std::string& content) const override;

private:
    Zone& zone_;
};

class SettingsEdit final : public StateEdit {
public:
    explicit SettingsEdit(const Settings& settings) noexcept : settings_(settings) {}

    std::string_view file_name() const noexcept override;
    std::optional<std::string> apply(const std::string* before) override;
    std::uint64_t* last_written() noexcept override;
    bool publish() noexcept override { return reread_settings(); }

private:
    Settings settings_;
};

}  // namespace auth_gate
