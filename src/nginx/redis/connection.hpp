// One worker's connection to a Redis server, on nginx's event loop. Nothing here blocks.
#pragma once

#if AUTH_GATE_HIREDIS

#include "nginx/ngx/timer.hpp"
#include "nginx/redis/libhiredis.hpp"

#include "core/redis/reply.hpp"
#include "core/redis/script.hpp"

#include <string>
#include <vector>

namespace auth_gate {

struct RedisServer {
    struct Address {
        std::string text;  // numeric, or the path of a socket
        int port = 0;      // 0: a socket in the file system
    };

    std::vector<Address> addresses;  // tried in turn
    std::string shown;               // in log lines
    std::string user;                // empty: the default user
    std::string password;            // empty: none
    std::uint32_t database = 0;
    ngx_msec_t timeout = 200;     // for connecting, and for each command
    std::size_t inflight = 1024;  // commands that may wait for their replies

    RedisServer() = default;
    RedisServer(const RedisServer&) = delete;
    RedisServer& operator=(const RedisServer&) = delete;
    ~RedisServer();
};

class RedisConnection {
public:
    // Called once for each command. Null: no reply came in time, and nobody knows whether the command was carried out.
    using Done = void (*)(void* waiter, const redis::Reply* reply) noexcept;

    struct Command;

    explicit RedisConnection(const RedisServer& server) noexcept;
    RedisConnection(const RedisConnection&) = delete;
    RedisConnection& operator=(const RedisConnection&) = delete;
    ~RedisConnection();

    // Connects, and again whenever the connection is lost, until stop().
    void start() noexcept;
    void stop() noexcept;

    // Null when it is not sent, because the server is away or too many commands wait: then nobody is called. The reply
    // comes later, never before this returns. Throws bad_alloc.
    Command* send(redis::Call call, Done done, void* waiter);

    // Nobody waits for the reply any more.
    static void abandon(void* command) noexcept;

    // Until it is worth another try.
    std::uint64_t retry_after_ms() const noexcept;

private:
    struct Socket;

    static void on_connect(const redisAsyncContext* context, int status) noexcept;
    static void on_disconnect(const redisAsyncContext* context, int status) noexcept;
    static void on_reply(redisAsyncContext* context, void* reply, void* command) noexcept;
    static void on_timer(ngx_event_t* event) noexcept;
    static void on_step(void* connection, const redis::Reply* reply) noexcept;
    static void on_memory(void* connection, const redis::Reply* reply) noexcept;

    void connect() noexcept;
    bool attach(redisAsyncContext* context) noexcept;
    void introduce() noexcept;
    void drop(const char* why) noexcept;
    void lost(const char* why) noexcept;
    void wake_at(ngx_msec_t ms, bool worker_may_end) noexcept;
    void watch_oldest() noexcept;
    Command* submit(redis::Call call, Done done, void* waiter);
    bool transmit(Command& command) noexcept;
    bool send_again(Command& command) noexcept;
    void take_off(Command& command) noexcept;
    void note(const redis::Reply& reply, const Command& command) noexcept;
    void complain(std::string_view error) noexcept;
    void settle() noexcept;

    const RedisServer* server_;
    redisAsyncContext* context_ = nullptr;
    Timer timer_;
    bool started_ = false;
    bool stopped_ = false;
    bool ready_ = false;  // connected and introduced
    bool away_logged_ = false;
    bool broke_off_ = false;  // with commands on their way
    ngx_msec_t ready_since_ = 0;
    time_t away_logged_at_ = 0;
    std::size_t address_ = 0;
    unsigned failures_ = 0;  // since a command was last answered
    unsigned steps_ = 0;     // of the introduction, that are not answered yet
    std::size_t waiting_ = 0;
    Command* oldest_ = nullptr;
    Command* newest_ = nullptr;
    time_t complained_ = 0;
};

}  // namespace auth_gate

#endif
