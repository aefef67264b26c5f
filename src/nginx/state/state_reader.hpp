// From a settings file into shared memory.
#pragma once

#include "nginx/state/state_file.hpp"

namespace auth_gate {

// What the content of a file becomes in shared memory.
class StateReader {
public:
    enum class Taken : std::uint8_t {
        taken,
        overtaken,  // somebody has taken the file since
        damaged,
    };

    virtual std::string_view file_name() const noexcept = 0;

    // Changes whenever somebody takes the file.
    virtual std::uint64_t reads() const noexcept = 0;

    // Whether somebody has taken a file, so that it cannot be missing.
    virtual bool has_file() const noexcept = 0;

    // `reads` is from before the file was read. `why` tells the operator how it is damaged. Throws bad_alloc.
    virtual Taken take(const std::string& content, std::uint64_t reads, std::string& why) = 0;

    // Tells the operator, at nginx's start or reload, what is odd about a file that was taken. Throws bad_alloc.
    virtual void warn(ngx_log_t*, const std::string&, const std::string&) const {}

protected:
    ~StateReader() = default;
};

enum class LoadedState : std::uint8_t { taken, missing, unusable };

// Takes the file at nginx's start or reload. When it is unreadable or damaged, that is logged, and the configuration
// must be refused. Throws bad_alloc.
LoadedState load_state(ngx_log_t* log, const ngx_str_t& state_path, StateReader& reader);

}  // namespace auth_gate
