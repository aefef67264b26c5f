// Files in the state directory. They are replaced atomically. The calls block; those without a log use nothing of
// nginx, so that any thread may make them.
#pragma once

#include "nginx/ngx/file.hpp"
#include "nginx/ngx/ngx.hpp"

#include <string>

namespace auth_gate {

std::string state_file_path(std::string_view directory, std::string_view file_name);

// A file as it was read. It may hold secrets: the text is wiped.
struct StateContent {
    enum class Status : std::uint8_t { read, missing, unreadable };

    StateContent() = default;
    StateContent(StateContent&&) = default;
    ~StateContent();

    Status status = Status::unreadable;
    int error = 0;    // errno, when unreadable
    FileStamp stamp;  // of what was read
    std::string text;
};

// Needs no lock, for files are replaced as a whole. Unreadable is also what is no file, or larger than 64 KB. Throws
// bad_alloc.
StateContent read_state(const std::string& path);

// Locks the state directory against other processes until the file is closed, or its process ends, if nobody else has
// it locked. Otherwise the file is not open; errno is EWOULDBLOCK when somebody has.
File try_to_lock_state(const std::string& directory) noexcept;

// Removes temporary files of workers that were killed while writing. For nginx's start and reload.
void sweep_state(ngx_log_t* log, const ngx_str_t& state_path, std::string_view file_name) noexcept;

// What a system call failed at.
struct StateFailure {
    const char* what = nullptr;
    int error = 0;  // errno
};

// Replaces a file in two steps: what is likely to fail fails in the first.
class StateFile {
public:
    StateFile(std::string directory, std::string_view file_name);
    ~StateFile();
    StateFile(const StateFile&) = delete;
    StateFile& operator=(const StateFile&) = delete;

    // Writes a temporary file (mode 0600) and waits for the disk (fsync). False when that fails.
    bool prepare(std::string_view content) noexcept;

    // Renames it into place and waits for the disk. `directory` is locked. False when that fails.
    bool replace(const File& directory) noexcept;

    // Removes the temporary file.
    void discard() noexcept;

    const std::string& directory() const noexcept { return directory_; }
    const std::string& path() const noexcept { return path_; }
    // Notes what failed, with errno. Returns false.
    bool failed(const char* what) noexcept;
    const StateFailure& failure() const noexcept { return failure_; }

private:
    std::string directory_;
    std::string path_;
    std::string temporary_;
    bool prepared_ = false;
    StateFailure failure_;
};

}  // namespace auth_gate
