#include "nginx/ngx/disk_thread.hpp"

#include <pthread.h>
#include <sys/eventfd.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <mutex>

namespace auth_gate {

namespace {

// A disk that does not answer must not keep the process from exiting.
constexpr std::chrono::seconds patience_at_exit(5);

// What the thread and the event loop share.
struct Exchange {
    std::mutex mutex;
    std::condition_variable changed;
    DiskJob* next = nullptr;
    DiskJob* done = nullptr;
    bool stop = false;
    bool ended = false;
    int event_fd = -1;
};

// One per process; only the event loop uses it.
struct DiskThread {
    Exchange* exchange = nullptr;  // null: there is no thread
    DiskJob* job = nullptr;        // handed over, and not finished
    pthread_t id{};
    ngx_connection_t* connection = nullptr;
};

constinit DiskThread thread;

void* serve(void* data) noexcept {
    auto& exchange = *static_cast<Exchange*>(data);
    std::unique_lock lock(exchange.mutex);
    while (true) {
        exchange.changed.wait(lock, [&] { return exchange.stop || exchange.next != nullptr; });
        if (exchange.stop) {
            break;
        }
        DiskJob* job = std::exchange(exchange.next, nullptr);
        lock.unlock();
        job->run();
        lock.lock();
        exchange.done = job;
        eventfd_write(exchange.event_fd, 1);
    }
    exchange.ended = true;
    exchange.changed.notify_all();
    return nullptr;
}

void job_ended(ngx_event_t*) noexcept {
    Exchange& exchange = *thread.exchange;
    eventfd_t count = 0;
    eventfd_read(exchange.event_fd, &count);
    DiskJob* job;
    {
        const std::lock_guard lock(exchange.mutex);
        job = std::exchange(exchange.done, nullptr);
    }
    if (job != nullptr) {
        thread.job = nullptr;
        job->finished();
    }
}

bool failed_to(const char* what, int error) noexcept {
    ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, error, "auth_gate: %s for writing settings failed", what);
    return false;
}

bool watch(Exchange& exchange) noexcept {
    exchange.event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (exchange.event_fd == -1) {
        return failed_to("making an eventfd", errno);
    }
    thread.connection = ngx_get_connection(exchange.event_fd, ngx_cycle->log);
    if (thread.connection == nullptr) {
        return failed_to("getting a connection", 0);
    }
    ngx_event_t* event = thread.connection->read;
    event->handler = job_ended;
    event->log = ngx_cycle->log;
    if (ngx_add_event(event, NGX_READ_EVENT, 0) != NGX_OK) {  // level-triggered
        return failed_to("watching an eventfd", 0);
    }
    return true;
}

void stop_watching(Exchange& exchange) noexcept {
    if (ngx_connection_t* connection = std::exchange(thread.connection, nullptr)) {
        if (connection->read->active) {
            ngx_del_event(connection->read, NGX_READ_EVENT, 0);
        }
        if (connection->read->posted) {
            ngx_delete_posted_event(connection->read);
        }
        ngx_free_connection(connection);
        connection->fd = static_cast<ngx_socket_t>(-1);
    }
    if (exchange.event_fd != -1) {
        close(exchange.event_fd);
    }
}

// nginx's signals are for the event loop, which they interrupt.
bool spawn(Exchange& exchange) noexcept {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int error = pthread_create(&thread.id, nullptr, serve, &exchange);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return error == 0 || failed_to("starting a thread", error);
}

bool start() noexcept {
    auto* exchange = new (std::nothrow) Exchange;
    if (exchange == nullptr) {
        return failed_to("getting memory", 0);
    }
    if (!watch(*exchange) || !spawn(*exchange)) {
        stop_watching(*exchange);
        delete exchange;
        return false;
    }
    thread.exchange = exchange;
    return true;
}

}  // namespace

bool run_on_disk_thread(DiskJob& job) noexcept {
    if (thread.exchange == nullptr && !start()) {
        return false;
    }
    thread.job = &job;
    Exchange& exchange = *thread.exchange;
    {
        const std::lock_guard lock(exchange.mutex);
        exchange.next = &job;
    }
    exchange.changed.notify_all();
    return true;
}

bool stop_disk_thread() noexcept {
    Exchange* exchange = std::exchange(thread.exchange, nullptr);
    if (exchange == nullptr) {
        return true;
    }
    if (thread.job != nullptr) {
        thread.job->hurry();
    }
    std::unique_lock lock(exchange->mutex);
    exchange->stop = true;
    exchange->changed.notify_all();
    const bool ended = exchange->changed.wait_for(lock, patience_at_exit, [&] { return exchange->ended; });
    lock.unlock();
    if (!ended) {
        pthread_detach(thread.id);  // what it shares with us stays until the process ends
        return false;
    }
    pthread_join(thread.id, nullptr);
    stop_watching(*exchange);
    delete exchange;
    return true;
}

}  // namespace auth_gate
