// A thread of the process's own for system calls that wait for the disk or for a lock. It is started with the first
// job. It tells the event loop of the end of a job through an eventfd.
#pragma once

#include "nginx/ngx/ngx.hpp"

namespace auth_gate {

class DiskJob {
public:
    DiskJob() = default;
    DiskJob(const DiskJob&) = delete;
    DiskJob& operator=(const DiskJob&) = delete;

    // In the thread. It uses nothing of nginx, and no memory that the event loop uses meanwhile.
    virtual void run() noexcept = 0;

    // On the event loop, after run(). The job may delete itself.
    virtual void finished() noexcept = 0;

    // On the event loop, while run() works: nobody waits for the job any more, so it ends without waiting.
    virtual void hurry() noexcept = 0;

protected:
    ~DiskJob() = default;
};

// Hands over a job, which must live until finished(). One at a time. False, after logging why, when there is neither a
// thread nor a way to make one.
bool run_on_disk_thread(DiskJob& job) noexcept;

// For exit_process: hurries the job that runs, and waits for the thread. finished() is not called any more. False when
// the thread does not end within five seconds, and so still works on the job.
bool stop_disk_thread() noexcept;

}  // namespace auth_gate
