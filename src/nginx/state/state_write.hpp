// Changing a file of the state directory without waiting in the event loop. One change after the other: each process
// has a queue, and processes exclude each other by a lock on the directory.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include "core/base/pending.hpp"

#include <memory>
#include <optional>
#include <string>

namespace auth_gate {

enum class SaveStatus : std::uint8_t {
    saved,      // on the disk, and in force for all workers of this zone
    changed,    // somebody else has changed the file, after the change was decided on
    not_saved,  // the reason is logged
    busy,       // somebody holds the lock, or the disk does not answer
};

// What is to be changed. All is called on the event loop.
class StateEdit {
public:
    virtual ~StateEdit() = default;

    virtual std::string_view file_name() const noexcept = 0;

    // The new content. `before` is the file's content; null when there is none that can be read. Nothing when the
    // change cannot be made to it any more.
    virtual std::optional<std::string> apply(const std::string* before) = 0;

    // A word in shared memory, in which the workers tell each other which file they have written last: a change that
    // meets the one of another worker is decided anew. Null when there is none.
    virtual std::uint64_t* last_written() noexcept = 0;

    // Takes the file into shared memory, after it was replaced. False, after logging why, when it cannot be read.
    virtual bool publish() noexcept = 0;
};

class StateJob;

// One change, for the request that wants it. What has been asked for goes on without the request.
class StateWrite {
public:
    // Throws bad_alloc.
    StateWrite(ngx_str_t state_path, std::unique_ptr<StateEdit> edit);
    ~StateWrite();
    StateWrite(const StateWrite&) = delete;
    StateWrite& operator=(const StateWrite&) = delete;

    // Makes the new content, and writes it to the disk beside the file. Afterwards commit() is not likely to fail.
    void prepare(Pending<SaveStatus>& saved);

    // When somebody has changed the file since prepare().
    enum class IfChanged : std::uint8_t { refuse, decide_anew };

    // Replaces the file by what prepare() has made, or makes it first.
    void commit(Pending<SaveStatus>& saved, IfChanged if_changed);

private:
    StateJob* job_;
};

// For exit_process: what waits for the lock is given up, and what is being written is waited for.
void stop_state_writes() noexcept;

}  // namespace auth_gate
