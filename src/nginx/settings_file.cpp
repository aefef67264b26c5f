#include "settings_file.hpp"

#include "file.hpp"
#include "zone.hpp"

#include <dirent.h>
#include <sys/file.h>

#include <cerrno>
#include <charconv>
#include <csignal>

namespace auth_gate {

namespace {

constexpr std::size_t largest_file = 64 * 1024;
constexpr const char* file_name = "/settings.json";

bool fail(ngx_log_t* log, const char* what, const std::string& path) noexcept {
    ngx_log_error(NGX_LOG_ERR, log, errno, "auth_gate: %s \"%s\" failed", what, path.c_str());
    return false;
}

// Locks the state directory among all processes until it is closed; the kernel does that for a killed one.
File lock_directory(const std::string& directory) noexcept {
    File file(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    while (file.is_open() && flock(file.fd(), LOCK_EX) != 0) {
        if (errno != EINTR) {
            return File(-1);
        }
    }
    return file;
}

}  // namespace

ngx_int_t load_settings(ngx_log_t* log, const ngx_str_t& state_path, Zone& zone) noexcept {
    return shielded(log, ngx_int_t{NGX_ERROR}, [&]() -> ngx_int_t {
        const std::string directory(view(state_path));
        const std::string path = directory + file_name;
        // Not there: nginx -t before the first start.
        const File lock = lock_directory(directory);
        const File file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
        if (!file.is_open() && errno == ENOENT) {
            zone.publish({});
            return NGX_OK;
        }
        const auto content = file.is_open() ? read_all(file, largest_file) : std::nullopt;
        if (!content) {
            ngx_log_error(NGX_LOG_EMERG, log, errno, "auth_gate: reading the settings \"%s\" failed", path.c_str());
            return NGX_ERROR;
        }
        std::string why;
        const auto settings = from_file(*content, why);
        if (!settings) {
            ngx_log_error(NGX_LOG_EMERG, log, 0,
                          "auth_gate: the settings \"%s\" are damaged: %s; mend the file, or remove it to start with "
                          "the defaults",
                          path.c_str(), why.c_str());
            return NGX_ERROR;
        }
        zone.publish(*settings);
        return NGX_OK;
    });
}

void sweep_settings(const ngx_str_t& state_path) noexcept {
    const std::string directory(view(state_path));
    const std::string prefix = std::string(file_name + 1) + ".";
    DIR* entries = opendir(directory.c_str());
    if (entries == nullptr) {
        return;
    }
    while (const dirent* entry = readdir(entries)) {
        const std::string_view name = entry->d_name;
        pid_t pid = 0;
        if (name.starts_with(prefix)) {
            std::from_chars(name.data() + prefix.size(), name.data() + name.size(), pid);
        }
        if (pid > 0 && kill(pid, 0) != 0 && errno == ESRCH) {
            unlink((directory + "/" + std::string(name)).c_str());
        }
    }
    closedir(entries);
}

SettingsWriter::~SettingsWriter() {
    if (!temporary_.empty()) {
        unlink(temporary_.c_str());
    }
}

bool SettingsWriter::prepare(ngx_log_t* log, const ngx_str_t& state_path, const Settings& settings) {
    static ngx_uint_t number;

    directory_ = view(state_path);
    const std::string path = directory_ + file_name + "." + std::to_string(ngx_pid) + "." + std::to_string(number++);
    const File file(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file.is_open()) {
        return fail(log, "making", path);
    }
    temporary_ = path;
    settings_ = settings;
    if (!write_all(file, to_file(settings)) || fsync(file.fd()) != 0) {
        return fail(log, "writing", path);
    }
    return true;
}

bool SettingsWriter::commit(ngx_log_t* log, Zone& zone) {
    const File directory = lock_directory(directory_);
    if (!directory.is_open()) {
        return fail(log, "locking", directory_);
    }
    const std::string path = directory_ + file_name;
    if (rename(temporary_.c_str(), path.c_str()) != 0) {
        return fail(log, "renaming to", path);
    }
    temporary_.clear();
    fsync(directory.fd());
    zone.publish(settings_);
    return true;
}

}  // namespace auth_gate
