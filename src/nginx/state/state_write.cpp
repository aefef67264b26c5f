#include "nginx/state/state_write.hpp"

#include "nginx/ngx/disk_thread.hpp"
#include "nginx/ngx/timer.hpp"
#include "nginx/state/state_file.hpp"

#include "core/base/crypto.hpp"

#include <atomic>
#include <cerrno>
#include <ctime>

namespace auth_gate {

namespace {

constexpr ngx_msec_t limit_ms = 10'000;       // from the question to the answer
constexpr long lock_interval_ns = 5'000'000;  // between two tries

}  // namespace

// The event loop uses a job before run() and after it; while it runs, only `given_up_` and what run() does not use. It
// is deleted when the request has let go of it and nothing is left to do.
class StateJob final : public DiskJob {
public:
    StateJob(std::string directory, std::unique_ptr<StateEdit> edit);
    ~StateJob();

    void ask(bool commits, Pending<SaveStatus>& saved);
    void decide_anew_if(bool wanted) noexcept { decides_anew_ = wanted; }
    void let_go() noexcept;

    void run() noexcept override;
    void finished() noexcept override;
    void hurry() noexcept override { given_up_ = true; }

    static void run_next() noexcept;
    static void stop_all() noexcept;

private:
    enum class Place : std::uint8_t { none, queue, thread };

    static void cancel(void* question) noexcept { static_cast<StateJob*>(question)->asked_ = nullptr; }
    static void limit_reached(ngx_event_t* event) noexcept { timer_owner<StateJob>(event).give_up(); }

    void enqueue(bool first) noexcept;
    bool begin() noexcept;
    bool make_content();
    void give_up() noexcept;
    void settle(SaveStatus status) noexcept;

    bool is_last_written() const noexcept;
    SaveStatus write();
    SaveStatus replace();
    File lock();
    bool is_decided_on();
    void log_failure() const noexcept;

    std::unique_ptr<StateEdit> edit_;
    StateFile file_;
    std::string content_;
    FileStamp decided_on_;
    bool prepared_ = false;
    bool commits_ = false;
    bool decides_anew_ = false;  // whoever has changed the file
    std::atomic<bool> given_up_ = false;
    SaveStatus status_ = SaveStatus::not_saved;
    std::uint64_t* last_written_ = nullptr;
    bool overtaken_ = false;  // by somebody else: it is decided anew

    Pending<SaveStatus>* asked_ = nullptr;  // null: nobody waits
    Timer limit_;                           // keeps a worker that is shutting down until the job is settled
    Place place_ = Place::none;
    bool held_ = true;  // by the request
    int settling_ = 0;  // calls of settle()
    StateJob* next_ = nullptr;
};

namespace {

// The jobs of this process that wait for their turn, and the one whose turn it is.
struct Queue {
    StateJob* first = nullptr;
    StateJob* current = nullptr;
};

constinit Queue queue;

}  // namespace

StateJob::StateJob(std::string directory, std::unique_ptr<StateEdit> edit)
    : edit_(std::move(edit)), file_(std::move(directory), edit_->file_name()) {
    limit_.init(limit_reached, ngx_cycle->log, this);
}

StateJob::~StateJob() {
    wipe(content_);
    if (limit_.event.timer_set) {
        ngx_del_timer(&limit_.event);
    }
}

void StateJob::ask(bool commits, Pending<SaveStatus>& saved) {
    commits_ = commits;
    asked_ = &saved;
    saved.ask(this, cancel);
    ngx_add_timer(&limit_.event, limit_ms);
    enqueue(false);
    run_next();
}

void StateJob::enqueue(bool first) noexcept {
    place_ = Place::queue;
    StateJob** at = &queue.first;
    while (!first && *at != nullptr) {
        at = &(*at)->next_;
    }
    next_ = *at;
    *at = this;
}

void StateJob::let_go() noexcept {
    held_ = false;
    if (place_ == Place::none && settling_ == 0) {
        delete this;
    }
}

void StateJob::run_next() noexcept {
    while (queue.current == nullptr && queue.first != nullptr) {
        StateJob* job = queue.first;
        queue.first = job->next_;
        job->place_ = Place::none;
        if (job->begin()) {
            job->place_ = Place::thread;
            queue.current = job;
        } else {
            job->settle(job->status_);
        }
    }
}

// Decides what to write, by the file as it is now. False when there is nothing to do but to say so.
bool StateJob::begin() noexcept {
    const bool made = prepared_ || shielded(ngx_cycle->log, false, [&] { return make_content(); });
    if (made && !run_on_disk_thread(*this)) {
        status_ = SaveStatus::busy;
        return false;
    }
    return made;
}

bool StateJob::make_content() {
    status_ = SaveStatus::not_saved;
    last_written_ = edit_->last_written();
    const StateContent before = read_state(file_.path());
    auto content = edit_->apply(before.status == StateContent::Status::read ? &before.text : nullptr);
    if (!content) {
        status_ = SaveStatus::changed;
        return false;
    }
    decided_on_ = before.stamp;
    content_ = std::move(*content);
    return true;
}

void StateJob::run() noexcept {
    const bool was_prepared = prepared_;
    try {
        status_ = write();
        // What the application has been asked for is decided anew only where that was said.
        overtaken_ = status_ == SaveStatus::changed && (decides_anew_ || (!was_prepared && is_last_written()));
    } catch (...) {
        status_ = SaveStatus::not_saved;
    }
    if (status_ != SaveStatus::saved) {
        file_.discard();
    }
}

SaveStatus StateJob::write() {
    if (!prepared_ && !file_.prepare(content_)) {
        return SaveStatus::not_saved;
    }
    prepared_ = true;
    if (!commits_) {
        return is_decided_on() ? SaveStatus::saved : SaveStatus::changed;
    }
    return replace();
}

SaveStatus StateJob::replace() {
    const File directory = lock();
    if (!directory.is_open()) {
        if (errno == EWOULDBLOCK) {
            return SaveStatus::busy;
        }
        file_.failed("locking the directory of");
        return SaveStatus::not_saved;
    }
    if (!is_decided_on()) {
        return SaveStatus::changed;
    }
    if (given_up_) {
        return SaveStatus::busy;
    }
    if (!file_.replace(directory)) {
        return SaveStatus::not_saved;
    }
    if (last_written_ != nullptr) {
        std::atomic_ref<std::uint64_t>(*last_written_).store(FileStamp::of(file_.path()).hash());
    }
    return SaveStatus::saved;
}

// Not open, with errno set, when that fails or the job is given up.
File StateJob::lock() {
    while (true) {
        File directory = try_to_lock_state(file_.directory());
        if (directory.is_open() || errno != EWOULDBLOCK || given_up_) {
            return directory;
        }
        const timespec interval = {0, lock_interval_ns};
        nanosleep(&interval, nullptr);
    }
}

// A file that already says what is to be written is as good.
bool StateJob::is_decided_on() {
    return FileStamp::of(file_.path()) == decided_on_ || read_state(file_.path()).text == content_;
}

bool StateJob::is_last_written() const noexcept {
    return last_written_ != nullptr &&
           std::atomic_ref<std::uint64_t>(*last_written_).load() == FileStamp::of(file_.path()).hash();
}

void StateJob::finished() noexcept {
    queue.current = nullptr;
    place_ = Place::none;
    if (std::exchange(overtaken_, false) && !given_up_) {
        prepared_ = false;
        enqueue(true);
        run_next();
        return;
    }
    if (status_ == SaveStatus::not_saved) {
        log_failure();
    }
    if (commits_ && status_ == SaveStatus::saved && !edit_->publish()) {
        status_ = SaveStatus::not_saved;
    }
    settle(status_);
    run_next();
}

void StateJob::log_failure() const noexcept {
    const StateFailure& failure = file_.failure();
    ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, failure.error, "auth_gate: %s \"%s\" failed",
                  failure.what == nullptr ? "saving" : failure.what, file_.path().c_str());
}

void StateJob::give_up() noexcept {
    given_up_ = true;
    ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                  "auth_gate: saving \"%s\" failed: the lock or the disk was not to be had in time",
                  file_.path().c_str());
    if (place_ == Place::queue) {
        StateJob** at = &queue.first;
        while (*at != this) {
            at = &(*at)->next_;
        }
        *at = next_;
        place_ = Place::none;
    }
    settle(SaveStatus::busy);
}

// Answers. The request may let go of the job meanwhile, or ask for more.
void StateJob::settle(SaveStatus status) noexcept {
    if (limit_.event.timer_set) {
        ngx_del_timer(&limit_.event);
    }
    ++settling_;
    if (Pending<SaveStatus>* asked = std::exchange(asked_, nullptr)) {
        asked->answer(status);
    }
    --settling_;
    if (!held_ && place_ == Place::none && settling_ == 0) {
        delete this;
    }
}

void StateJob::stop_all() noexcept {
    if (!stop_disk_thread()) {
        return;  // it still works on a job
    }
    StateJob* job = std::exchange(queue.current, nullptr);
    while (job != nullptr || queue.first != nullptr) {
        if (job == nullptr) {
            job = std::exchange(queue.first, queue.first->next_);
        }
        job->place_ = Place::none;
        job->file_.discard();
        if (!job->held_) {
            delete job;
        }
        job = nullptr;
    }
}

StateWrite::StateWrite(ngx_str_t state_path, std::unique_ptr<StateEdit> edit)
    : job_(new StateJob(std::string(view(state_path)), std::move(edit))) {}

StateWrite::~StateWrite() {
    job_->let_go();
}

void StateWrite::prepare(Pending<SaveStatus>& saved) {
    job_->ask(false, saved);
}

void StateWrite::commit(Pending<SaveStatus>& saved, IfChanged if_changed) {
    job_->decide_anew_if(if_changed == IfChanged::decide_anew);
    job_->ask(true, saved);
}

void stop_state_writes() noexcept {
    StateJob::stop_all();
}

}  // namespace auth_gate
