// Notices that a settings file has changed.
#pragma once

#include "nginx/state/state_reader.hpp"

namespace auth_gate {

// What this process has seen of one file.
class StateWatch {
public:
    // Reads the file if it is another one than before, and for one more second, because a change within one tick of the
    // file system's clock cannot be seen. What cannot be read leaves everything as it is, and is logged at the end of
    // that second: it may be an editor at work.
    void look(ngx_log_t* log, const ngx_str_t& state_path, StateReader& reader) noexcept;

    // Reads the file now. False, after logging why, when that fails.
    bool read_now(ngx_log_t* log, const ngx_str_t& state_path, StateReader& reader) noexcept;

    // For other memory: what was seen is forgotten.
    void forget() noexcept { *this = StateWatch(); }

private:
    bool read(const std::string& path, StateReader& reader, std::string& why);

    FileStamp seen_;
    bool known_ = false;  // `seen_` is what the memory has
    bool again_ = false;
    ngx_msec_t again_until_ = 0;
};

}  // namespace auth_gate
