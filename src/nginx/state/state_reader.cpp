#include "nginx/state/state_reader.hpp"

namespace auth_gate {

namespace {

void log_unreadable(ngx_log_t* log, const std::string& path, int error) noexcept {
    ngx_log_error(NGX_LOG_EMERG, log, error, "auth_gate: reading the settings \"%s\" failed", path.c_str());
}

void log_damaged(ngx_log_t* log, const std::string& path, const std::string& why) noexcept {
    ngx_log_error(NGX_LOG_EMERG, log, 0,
                  "auth_gate: the settings \"%s\" are damaged: %s; repair the file, or remove it to start with the "
                  "defaults",
                  path.c_str(), why.c_str());
}

}  // namespace

LoadedState load_state(ngx_log_t* log, const ngx_str_t& state_path, StateReader& reader) {
    const std::string path = state_file_path(view(state_path), reader.file_name());
    while (true) {
        const std::uint64_t reads = reader.reads();
        const StateContent content = read_state(path);
        switch (content.status) {
        case StateContent::Status::unreadable:
            log_unreadable(log, path, content.error);
            return LoadedState::unusable;
        case StateContent::Status::missing:
            return LoadedState::missing;
        case StateContent::Status::read:
            break;
        }
        std::string why;
        switch (reader.take(content.text, reads, why)) {
        case StateReader::Taken::taken:
            reader.warn(log, path, content.text);
            return LoadedState::taken;
        case StateReader::Taken::damaged:
            log_damaged(log, path, why);
            return LoadedState::unusable;
        case StateReader::Taken::overtaken:
            break;
        }
    }
}

}  // namespace auth_gate
