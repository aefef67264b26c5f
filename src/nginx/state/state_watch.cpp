#include "nginx/state/state_watch.hpp"

#include <cstring>

namespace auth_gate {

namespace {

constexpr ngx_msec_t again_ms = 1000;
constexpr int attempts = 100;  // when other processes take the file at the same time

bool complain(ngx_log_t* log, const std::string& path, const std::string& why) noexcept {
    ngx_log_error(NGX_LOG_ERR, log, 0, "auth_gate: taking the settings \"%s\" failed: %s; those in force stay in force",
                  path.c_str(), why.c_str());
    return false;
}

bool is_over(ngx_msec_t until) noexcept {
    return static_cast<ngx_msec_int_t>(ngx_current_msec - until) >= 0;
}

}  // namespace

// False when the file cannot be taken; `why` is then why, or empty when there is none and never was.
bool StateWatch::read(const std::string& path, StateReader& reader, std::string& why) {
    for (int i = 0; i < attempts; ++i) {
        const std::uint64_t reads = reader.reads();
        const StateContent content = read_state(path);
        if (!known_ || content.stamp != seen_) {
            again_ = true;
            again_until_ = ngx_current_msec + again_ms;
        }
        seen_ = content.stamp;
        known_ = true;
        switch (content.status) {
        case StateContent::Status::missing:
            why = reader.has_file() ? "there is no such file any more" : "";
            return false;
        case StateContent::Status::unreadable:
            why = std::strerror(content.error);
            return false;
        case StateContent::Status::read:
            break;
        }
        switch (reader.take(content.text, reads, why)) {
        case StateReader::Taken::taken:
            return true;
        case StateReader::Taken::damaged:
            return false;
        case StateReader::Taken::overtaken:
            break;
        }
    }
    known_ = false;
    why = "other processes take them at the same time";
    return false;
}

void StateWatch::look(ngx_log_t* log, const ngx_str_t& state_path, StateReader& reader) noexcept {
    shielded(log, false, [&] {
        const std::string path = state_file_path(view(state_path), reader.file_name());
        if (known_ && !again_ && FileStamp::of(path) == seen_) {
            return true;
        }
        std::string why;
        const bool taken = read(path, reader, why);
        if (again_ && is_over(again_until_)) {
            again_ = false;
            return taken || why.empty() || complain(log, path, why);
        }
        return taken;
    });
}

bool StateWatch::read_now(ngx_log_t* log, const ngx_str_t& state_path, StateReader& reader) noexcept {
    return shielded(log, false, [&] {
        const std::string path = state_file_path(view(state_path), reader.file_name());
        std::string why;
        return read(path, reader, why) || complain(log, path, why.empty() ? "there is no such file" : why);
    });
}

}  // namespace auth_gate
