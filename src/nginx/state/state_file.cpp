#include "nginx/state/state_file.hpp"

#include <dirent.h>
#include <sys/file.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <memory>

namespace auth_gate {

namespace {

constexpr std::size_t largest_file = 64 * 1024;

struct CloseDirectory {
    void operator()(DIR* directory) const noexcept { closedir(directory); }
};

std::string path_of(const ngx_str_t& state_path, std::string_view file_name) {
    return std::string(view(state_path)) + "/" + std::string(file_name);
}

}  // namespace

bool state_failed(ngx_log_t* log, const char* what, const std::string& path) noexcept {
    ngx_log_error(NGX_LOG_ERR, log, errno, "auth_gate: %s \"%s\" failed", what, path.c_str());
    return false;
}

File lock_state(const std::string& directory) noexcept {
    File file(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    while (file.is_open() && flock(file.fd(), LOCK_EX) != 0) {
        if (errno != EINTR) {
            return File(-1);
        }
    }
    return file;
}

ngx_int_t read_state(ngx_log_t* log, const ngx_str_t& state_path, std::string_view file_name, std::string& content) {
    const std::string path = path_of(state_path, file_name);
    const File file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open() && errno == ENOENT) {
        return NGX_DECLINED;
    }
    auto read = file.is_open() ? read_all(file, largest_file) : std::nullopt;
    if (!read) {
        ngx_log_error(NGX_LOG_EMERG, log, errno, "auth_gate: reading the settings \"%s\" failed", path.c_str());
        return NGX_ERROR;
    }
    content = std::move(*read);
    return NGX_OK;
}

ngx_int_t state_damaged(ngx_log_t* log, const ngx_str_t& state_path, std::string_view file_name,
                        const std::string& why) {
    ngx_log_error(NGX_LOG_EMERG, log, 0,
                  "auth_gate: the settings \"%s\" are damaged: %s; repair the file, or remove it to start with the "
                  "defaults",
                  path_of(state_path, file_name).c_str(), why.c_str());
    return NGX_ERROR;
}

namespace {

void sweep(const ngx_str_t& state_path, std::string_view file_name) {
    const std::string directory(view(state_path));
    const std::string prefix = std::string(file_name) + ".";
    const std::unique_ptr<DIR, CloseDirectory> entries(opendir(directory.c_str()));
    if (entries == nullptr) {
        return;
    }
    while (const dirent* entry = readdir(entries.get())) {
        const std::string_view name = entry->d_name;
        pid_t pid = 0;
        if (name.starts_with(prefix)) {
            std::from_chars(name.data() + prefix.size(), name.data() + name.size(), pid);
        }
        if (pid > 0 && kill(pid, 0) != 0 && errno == ESRCH) {
            unlink((directory + "/" + std::string(name)).c_str());
        }
    }
}

}  // namespace

void sweep_state(ngx_log_t* log, const ngx_str_t& state_path, std::string_view file_name) noexcept {
    shielded(log, false, [&] {
        sweep(state_path, file_name);
        return true;
    });
}

StateFile::~StateFile() {
    if (!temporary_.empty()) {
        unlink(temporary_.c_str());
    }
}

bool StateFile::prepare(ngx_log_t* log, const ngx_str_t& state_path, std::string_view file_name,
                        std::string_view content) {
    static ngx_uint_t number;

    directory_ = view(state_path);
    path_ = path_of(state_path, file_name);
    const std::string path = path_ + "." + std::to_string(ngx_pid) + "." + std::to_string(number++);
    unlink(path.c_str());  // may be left of a killed process with this pid
    const File file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file.is_open()) {
        return state_failed(log, "making", path);
    }
    temporary_ = path;
    if (!write_all(file, content) || fsync(file.fd()) != 0) {
        return state_failed(log, "writing", path);
    }
    return true;
}

bool StateFile::replace(ngx_log_t* log, const File& directory) {
    if (rename(temporary_.c_str(), path_.c_str()) != 0) {
        return state_failed(log, "renaming to", path_);
    }
    temporary_.clear();
    fsync(directory.fd());
    return true;
}

}  // namespace auth_gate
