#include "nginx/state/state_file.hpp"

#include "core/base/crypto.hpp"

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

}  // namespace

std::string state_file_path(std::string_view directory, std::string_view file_name) {
    return std::string(directory) + "/" + std::string(file_name);
}

StateContent::~StateContent() {
    wipe(text);
}

StateContent read_state(const std::string& path) {
    StateContent content;
    const auto failed = [&](int error) {
        content.error = error;
        content.stamp = FileStamp::of(path);
        return std::move(content);
    };
    // What is no file, such as a pipe, would block.
    const File file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file.is_open()) {
        if (errno == ENOENT) {
            content.status = StateContent::Status::missing;
            return content;
        }
        return failed(errno);
    }
    struct stat status {};
    if (fstat(file.fd(), &status) != 0) {
        return failed(errno);
    }
    if (!S_ISREG(status.st_mode)) {
        return failed(S_ISDIR(status.st_mode) ? EISDIR : EINVAL);
    }
    auto text = read_all(file, largest_file);
    if (!text) {
        return failed(errno);
    }
    content.status = StateContent::Status::read;
    content.stamp = FileStamp::of(status);
    content.text = std::move(*text);
    return content;
}

File try_to_lock_state(const std::string& directory) noexcept {
    File file(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    while (file.is_open() && flock(file.fd(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EINTR) {
            return File(-1);
        }
    }
    return file;
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

StateFile::StateFile(std::string directory, std::string_view file_name)
    : directory_(std::move(directory)), path_(state_file_path(directory_, file_name)) {
    static ngx_uint_t number;
    temporary_ = path_ + "." + std::to_string(ngx_pid) + "." + std::to_string(number++);
}

StateFile::~StateFile() {
    discard();
}

void StateFile::discard() noexcept {
    if (std::exchange(prepared_, false)) {
        unlink(temporary_.c_str());
    }
}

bool StateFile::failed(const char* what) noexcept {
    failure_ = {what, errno};
    return false;
}

bool StateFile::prepare(std::string_view content) noexcept {
    unlink(temporary_.c_str());  // may be left of a killed process with this pid
    const File file(open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file.is_open()) {
        return failed("making");
    }
    prepared_ = true;
    return (write_all(file, content) && fsync(file.fd()) == 0) || failed("writing");
}

bool StateFile::replace(const File& directory) noexcept {
    if (rename(temporary_.c_str(), path_.c_str()) != 0) {
        return failed("replacing");
    }
    prepared_ = false;
    // Some file systems cannot sync a directory.
    return fsync(directory.fd()) == 0 || errno == EINVAL || failed("syncing the directory of");
}

}  // namespace auth_gate
