#include "nginx/redis/connection.hpp"

#if AUTH_GATE_HIREDIS

#include "nginx/ngx/foreign_socket.hpp"
#include "nginx/redis/replies.hpp"

#include "core/base/crypto.hpp"

#include <algorithm>
#include <memory>

namespace auth_gate {

namespace {

constexpr ngx_msec_t first_pause_ms = 50;
constexpr ngx_msec_t longest_pause_ms = 2000;
constexpr time_t complaints_every = 60;  // seconds

// Between half of the time and all of it, so that workers and hosts do not come back all at once.
ngx_msec_t with_jitter(ngx_msec_t ms) noexcept {
    return ms / 2 + static_cast<ngx_msec_t>(ngx_random()) % (ms / 2 + 1);
}

}  // namespace

RedisServer::~RedisServer() {
    wipe(password);
}

// hiredis frees what it keeps of a command with its last callback, so a command lives until then.
struct RedisConnection::Command {
    RedisConnection* connection;
    redis::Call call;
    Done done;  // null: answered, or abandoned
    void* waiter;
    ngx_msec_t deadline;
    Command* older = nullptr;
    Command* newer = nullptr;
};

struct RedisConnection::Socket {
    redisAsyncContext* context;
    ngx_connection_t* connection;

    static Socket& of(void* data) noexcept { return *static_cast<Socket*>(data); }

    static void ready(ngx_event_t* event) noexcept {
        const auto* connection = static_cast<ngx_connection_t*>(event->data);
        redisAsyncContext* context = of(connection->data).context;
        if (event->write) {
            libhiredis.async_handle_write(context);
        } else if (context->c.reader->len <= most_unread) {
            libhiredis.async_handle_read(context);
        } else {
            static_cast<RedisConnection*>(context->data)->drop("too large a reply");
        }
    }

    template <bool wanted>
    static void read(void* data) noexcept {
        foreign_socket::watch(of(data).connection->read, NGX_READ_EVENT, wanted);
    }

    template <bool wanted>
    static void write(void* data) noexcept {
        foreign_socket::watch(of(data).connection->write, NGX_WRITE_EVENT, wanted);
    }

    static void end(void* data) noexcept {
        const std::unique_ptr<Socket> socket(&of(data));
        foreign_socket::forget(socket->connection);
    }
};

RedisConnection::RedisConnection(const RedisServer& server) noexcept : server_(&server) {}

RedisConnection::~RedisConnection() {
    stop();
}

void RedisConnection::start() noexcept {
    if (!started_ && !stopped_) {
        started_ = true;
        timer_.init(on_timer, ngx_cycle->log, this);
        connect();
    }
}

void RedisConnection::stop() noexcept {
    stopped_ = true;
    if (!started_) {
        return;
    }
    started_ = false;
    drop(nullptr);
    if (timer_.event.timer_set) {
        ngx_del_timer(&timer_.event);
    }
}

std::uint64_t RedisConnection::retry_after_ms() const noexcept {
    return ready_ ? server_->timeout : longest_pause_ms;
}

void RedisConnection::connect() noexcept {
    const RedisServer::Address& address = server_->addresses[address_ % server_->addresses.size()];
    redisAsyncContext* context = address.port == 0 ? libhiredis.async_connect_unix(address.text.c_str())
                                                   : libhiredis.async_connect(address.text.c_str(), address.port);
    if (context == nullptr) {
        lost("out of memory");
    } else if (context->err != 0) {
        lost(context->errstr);
        libhiredis.async_free(context);
    } else if (!attach(context)) {
        lost("nginx has no free connection");
        libhiredis.async_free(context);
    } else {
        context_ = context;
        libhiredis.async_set_connect_callback(context, on_connect);
        libhiredis.async_set_disconnect_callback(context, on_disconnect);
        wake_at(server_->timeout, true);
    }
}

bool RedisConnection::attach(redisAsyncContext* context) noexcept {
    std::unique_ptr<Socket> socket(new (std::nothrow) Socket{context, nullptr});
    if (socket == nullptr) {
        return false;
    }
    socket->connection = foreign_socket::adopt(context->c.fd, Socket::ready, socket.get());
    if (socket->connection == nullptr) {
        return false;
    }
    guard_replies(*context);
    context->data = this;
    context->ev.data = socket.release();
    context->ev.addRead = Socket::read<true>;
    context->ev.delRead = Socket::read<false>;
    context->ev.addWrite = Socket::write<true>;
    context->ev.delWrite = Socket::write<false>;
    context->ev.cleanup = Socket::end;
    return true;
}

// hiredis itself frees the context of a connection that failed or was lost.
void RedisConnection::on_connect(const redisAsyncContext* context, int status) noexcept {
    auto& self = *static_cast<RedisConnection*>(context->data);
    if (context != self.context_) {
        return;
    }
    if (status != REDIS_OK) {
        self.context_ = nullptr;
        self.lost(reason(*context));
        return;
    }
    self.broke_off_ = false;
    self.introduce();
}

void RedisConnection::on_disconnect(const redisAsyncContext* context, int) noexcept {
    auto& self = *static_cast<RedisConnection*>(context->data);
    if (context != self.context_) {
        return;
    }
    self.context_ = nullptr;
    // Servers and proxies close connections that are idle.
    constexpr ngx_msec_t shortest_ms = 1000;
    if (self.ready_ && !self.broke_off_ && ngx_current_msec - self.ready_since_ >= shortest_ms) {
        self.ready_ = false;
        self.wake_at(1, true);
    } else {
        self.lost(reason(*context));
    }
}

void RedisConnection::introduce() noexcept {
    const bool sent = shielded(ngx_cycle->log, false, [&] {
        std::vector<std::vector<std::string>> steps;
        if (!server_->password.empty()) {
            steps.push_back({"AUTH"});
            if (!server_->user.empty()) {
                steps.back().push_back(server_->user);
            }
            steps.back().push_back(server_->password);
        }
        if (server_->database != 0) {
            steps.push_back({"SELECT", std::to_string(server_->database)});
        }
        steps.push_back({"TIME"});  // says that the server answers, and that the ACL lets it
        steps_ = static_cast<unsigned>(steps.size());
        for (std::vector<std::string>& step : steps) {
            if (submit({std::move(step), nullptr}, on_step, this) == nullptr) {
                return false;
            }
        }
        submit({{"CLIENT", "SETNAME", "nginx-auth-gate"}, nullptr}, nullptr, nullptr);
        return true;
    });
    if (!sent) {
        wake_at(1, true);  // hiredis goes on with the connection when this returns
    }
}

void RedisConnection::on_step(void* connection, const redis::Reply* reply) noexcept {
    auto& self = *static_cast<RedisConnection*>(connection);
    if (reply == nullptr) {
        return;  // lost() has been called, or will be
    }
    if (reply->kind == redis::Reply::Kind::error) {
        // No more than the code: a server may repeat what it was sent.
        char why[32] = {};
        reply->text.substr(0, reply->text.find_first_of(" \r\n")).copy(why, sizeof(why) - 1);
        self.drop(why);
        return;
    }
    if (--self.steps_ != 0) {
        return;
    }
    self.ready_ = true;
    self.ready_since_ = ngx_current_msec;
    if (std::exchange(self.away_logged_, false)) {
        ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0, "auth_gate: the store at %s is back",
                      self.server_->shown.c_str());
    }
    if (ngx_worker == 0) {
        shielded(ngx_cycle->log, false, [&] {
            return self.submit({{"INFO", "memory"}, nullptr}, on_memory, &self) != nullptr;
        });
    }
}

// Not answered where the ACL forbids the question.
void RedisConnection::on_memory(void* connection, const redis::Reply* reply) noexcept {
    constexpr std::string_view label = "maxmemory_policy:";
    const auto& self = *static_cast<RedisConnection*>(connection);
    const std::size_t at =
        reply == nullptr || reply->kind != redis::Reply::Kind::text ? std::string_view::npos : reply->text.find(label);
    if (at == std::string_view::npos) {
        return;
    }
    const std::string_view rest = reply->text.substr(at + label.size());
    const std::string_view policy = rest.substr(0, rest.find_first_of("\r\n"));
    if (policy != "noeviction") {
        ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                      "auth_gate: the store at %s may evict tokens and logins (maxmemory-policy %*s): set noeviction",
                      self.server_->shown.c_str(), policy.size(), policy.data());
    }
}

// Ends the connection from our side. `why` null: on purpose, and for good.
void RedisConnection::drop(const char* why) noexcept {
    redisAsyncContext* context = std::exchange(context_, nullptr);
    ready_ = false;
    while (oldest_ != nullptr) {
        Command& command = *oldest_;
        take_off(command);
        if (const Done done = std::exchange(command.done, nullptr); done != nullptr) {
            done(command.waiter, nullptr);
        }
    }
    if (why != nullptr) {
        lost(why);
    }
    if (context != nullptr) {
        libhiredis.async_free(context);
    }
}

// There is no connection any more: says so once, and tries again.
void RedisConnection::lost(const char* why) noexcept {
    ready_ = false;
    if (!started_) {
        return;
    }
    if (!away_logged_ && ngx_time() - away_logged_at_ >= complaints_every) {
        away_logged_ = true;
        away_logged_at_ = ngx_time();
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "auth_gate: the store at %s is away: %s; tokens are neither issued nor redeemed until it is back",
                      server_->shown.c_str(), why);
    }
    ++address_;
    const ngx_msec_t pause = std::min(longest_pause_ms, first_pause_ms << std::min(failures_, 10u));
    ++failures_;
    wake_at(with_jitter(pause), true);
}

void RedisConnection::wake_at(ngx_msec_t ms, bool worker_may_end) noexcept {
    if (timer_.event.timer_set) {
        ngx_del_timer(&timer_.event);  // or nginx would keep the old time if the two are close
    }
    timer_.event.cancelable = worker_may_end ? 1 : 0;
    ngx_add_timer(&timer_.event, ms);
}

void RedisConnection::on_timer(ngx_event_t* event) noexcept {
    auto& self = timer_owner<RedisConnection>(event);
    if (self.context_ == nullptr) {
        self.connect();
    } else if (self.oldest_ == nullptr && !self.ready_) {
        self.drop("no connection in time");
    } else if (self.oldest_ != nullptr && static_cast<ngx_msec_int_t>(self.oldest_->deadline - ngx_current_msec) <= 0) {
        self.drop("no reply in time");
    } else {
        self.watch_oldest();
    }
}

// The timer is left where it is when a reply comes: mostly the next command has taken its place by then.
void RedisConnection::watch_oldest() noexcept {
    if (oldest_ != nullptr) {
        const auto left = static_cast<ngx_msec_int_t>(oldest_->deadline - ngx_current_msec);
        wake_at(static_cast<ngx_msec_t>(std::max<ngx_msec_int_t>(left, 1)), false);
    } else {
        timer_.event.cancelable = 1;
    }
}

RedisConnection::Command* RedisConnection::send(redis::Call call, Done done, void* waiter) {
    start();
    return ready_ && waiting_ < server_->inflight ? submit(std::move(call), done, waiter) : nullptr;
}

RedisConnection::Command* RedisConnection::submit(redis::Call call, Done done, void* waiter) {
    auto command =
        std::make_unique<Command>(Command{this, std::move(call), done, waiter, ngx_current_msec + server_->timeout});
    if (!transmit(*command)) {
        return nullptr;
    }
    command->older = newest_;
    (newest_ != nullptr ? newest_->newer : oldest_) = command.get();
    newest_ = command.get();
    ++waiting_;
    if (!timer_.event.timer_set || oldest_ == newest_) {
        watch_oldest();
    }
    return command.release();
}

bool RedisConnection::transmit(Command& command) noexcept {
    return shielded(ngx_cycle->log, false, [&] {
        std::vector<const char*> words;
        std::vector<std::size_t> sizes;
        for (const std::string& word : command.call.words) {
            words.push_back(word.data());
            sizes.push_back(word.size());
        }
        return context_ != nullptr &&
               libhiredis.async_command_argv(context_, on_reply, &command, static_cast<int>(words.size()), words.data(),
                                             sizes.data()) == REDIS_OK;
    });
}

void RedisConnection::take_off(Command& command) noexcept {
    (command.older != nullptr ? command.older->newer : oldest_) = command.newer;
    (command.newer != nullptr ? command.newer->older : newest_) = command.older;
    command.older = command.newer = nullptr;
    command.connection = nullptr;
    --waiting_;
}

void RedisConnection::abandon(void* command) noexcept {
    static_cast<Command*>(command)->done = nullptr;
}

void RedisConnection::on_reply(redisAsyncContext*, void* data, void* privdata) noexcept {
    std::unique_ptr<Command> command(static_cast<Command*>(privdata));
    RedisConnection* self = command->connection;
    if (self == nullptr) {
        return;  // drop() has answered
    }
    redis::Reply reply;
    const auto* raw = static_cast<const redisReply*>(data);
    self->broke_off_ |= raw == nullptr;
    const bool has_reply = raw != nullptr && shielded(ngx_cycle->log, false, [&] {
                               reply = reply_of(*raw);
                               return true;
                           });
    if (has_reply && reply.is_error("NOSCRIPT") && self->send_again(*command)) {
        static_cast<void>(command.release());
        return;
    }
    if (has_reply) {
        self->note(reply, *command);
    }
    self->take_off(*command);
    if (command->done != nullptr) {
        command->done(command->waiter, has_reply ? &reply : nullptr);
    }
    if (command->call.script != nullptr && reply.is_of_wrong_server()) {
        self->drop("it carries out nothing for now");
    }
    self->settle();
}

// A worker that ends does not wait for a timer that has nothing to watch.
void RedisConnection::settle() noexcept {
    if (oldest_ == nullptr) {
        timer_.event.cancelable = 1;
    }
}

// The server did not know the script, so it has done nothing. The command keeps its place and its deadline.
bool RedisConnection::send_again(Command& command) noexcept {
    const bool by_digest = command.call.script != nullptr && command.call.words[0] == "EVALSHA";
    return by_digest && shielded(ngx_cycle->log, false, [&] {
               command.call.use_text();
               return transmit(command);
           });
}

void RedisConnection::note(const redis::Reply& reply, const Command& command) noexcept {
    if (command.call.script == nullptr) {
        return;
    }
    if (reply.kind == redis::Reply::Kind::error) {
        complain(reply.text);
    } else {
        failures_ = 0;
    }
}

// A client can cause such errors, so they are not logged each time.
void RedisConnection::complain(std::string_view error) noexcept {
    if (ngx_time() - complained_ < complaints_every) {
        return;
    }
    complained_ = ngx_time();
    shielded(ngx_cycle->log, false, [&] {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0, "auth_gate: the store at %s answers an error: %s",
                      server_->shown.c_str(), redis::loggable(error).c_str());
        return true;
    });
}

}  // namespace auth_gate

#endif
