// Files in the state directory. They are replaced atomically.
#pragma once

#include "nginx/ngx/file.hpp"
#include "nginx/ngx/ngx.hpp"

#include <string>

namespace auth_gate {

// Locks the state directory against other processes until the file is closed, or its process ends. On failure, the file
// is not open and errno is set.
File lock_state(const std::string& directory) noexcept;

// Reads a file; the directory should be locked. NGX_DECLINED when there is no file. NGX_ERROR, after logging why, when
// it cannot be read or is larger than 64 KB. For nginx's start and reload.
ngx_int_t read_state(ngx_log_t* log, const ngx_str_t& state_path, std::string_view file_name, std::string& content);

// Logs that a file's content is invalid. Returns NGX_ERROR.
ngx_int_t state_damaged(ngx_log_t* log, const ngx_str_t& state_path, std::string_view file_name,
                        const std::string& why);

// Removes temporary files of workers that were killed while writing. For nginx's start and reload.
void sweep_state(ngx_log_t* log, const ngx_str_t& state_path, std::string_view file_name) noexcept;

// Replaces a file in two steps: what is likely to fail fails in the first. Both wait for the disk, and so block the
// worker.
class StateFile {
public:
    StateFile() = default;
    ~StateFile();
    StateFile(const StateFile&) = delete;
    StateFile& operator=(const StateFile&) = delete;

    // Writes a temporary file (mode 0600) and waits for the disk (fsync). False, after logging why, when that fails.
    bool prepare(ngx_log_t* log, const ngx_str_t& state_path, std::string_view file_name, std::string_view content);

    // Renames it into place. `directory` is locked. False, after logging why, when nothing has changed.
    bool replace(ngx_log_t* log, const File& directory);

    const std::string& directory() const noexcept { return directory_; }

private:
    std::string directory_;
    std::string path_;
    std::string temporary_;  // empty: nothing is prepared
};

// Logs what failed, with errno. Returns false.
bool state_failed(ngx_log_t* log, const char* what, const std::string& path) noexcept;

}  // namespace auth_gate
