// Files in the state directory, replaced as a whole or not at all.
#pragma once

#include "nginx/ngx/file.hpp"
#include "nginx/ngx/ngx.hpp"

#include <string>

namespace auth_gate {

// Locks the state directory among all processes until it is closed; the kernel does that for a killed one.
// Not open, with errno set, when that fails.
File lock_state(const std::string& directory) noexcept;

// The content of a file; the directory should be locked. NGX_DECLINED: there is none. NGX_ERROR, and said why, when it
// cannot be read or is larger than 64 KB. For nginx's start and reload.
ngx_int_t read_state(ngx_log_t* log, const ngx_str_t& state_path, std::string_view file_name, std::string& content);

// Says that a file's content is not as it must be; answers NGX_ERROR.
ngx_int_t state_damaged(ngx_log_t* log, const ngx_str_t& state_path, std::string_view file_name,
                        const std::string& why);

// Removes what workers left behind that were killed while they wrote the file. For nginx's start and reload.
void sweep_state(ngx_log_t* log, const ngx_str_t& state_path, std::string_view file_name) noexcept;

// A file's new content in two steps, so that what can fail has failed before it is wanted.
class StateFile {
public:
    StateFile() = default;
    ~StateFile();
    StateFile(const StateFile&) = delete;
    StateFile& operator=(const StateFile&) = delete;

    // Writes a temporary file (mode 0600), to the disk. False, and said why, when that fails.
    bool prepare(ngx_log_t* log, const ngx_str_t& state_path, std::string_view file_name, std::string_view content);

    // Puts it in place. `directory` is locked. False: nothing has changed.
    bool replace(ngx_log_t* log, const File& directory);

    const std::string& directory() const noexcept { return directory_; }

private:
    std::string directory_;
    std::string path_;
    std::string temporary_;  // empty: nothing is prepared
};

// Says what failed, with errno; answers false.
bool state_failed(ngx_log_t* log, const char* what, const std::string& path) noexcept;

}  // namespace auth_gate
