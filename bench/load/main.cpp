// Loads a server over loopback, and prints as JSON the number of responses and the CPU time of each process involved.
//
// One thread, keep-alive connections and prepared requests ensure that the server is the bottleneck.

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "answers.hpp"
#include "processor.hpp"
#include "requests.hpp"

namespace load {

namespace {

struct Options {
    std::uint16_t port = 0;
    std::size_t connections = 1;
    std::size_t pipeline = 1;  // requests in flight on each connection
    double seconds = 1;
    Protocol protocol = Protocol::http;
    std::string requests;
    std::string tokens;       // see Requests
    std::string keep_tokens;  // file to write the tokens from responses to
    bool once = false;        // sends no request twice, and ends when all are sent
    int processor = -1;
    std::vector<pid_t> watched;
};

Options options_of(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string name = argv[i];
        if (name == "--once") {
            options.once = true;
            continue;
        }
        if (++i == argc) {
            throw std::runtime_error(name + " is nothing without a value");
        }
        const std::string value = argv[i];
        if (name == "--port") {
            options.port = static_cast<std::uint16_t>(std::stoul(value));
        } else if (name == "--connections") {
            options.connections = std::stoul(value);
        } else if (name == "--pipeline") {
            options.pipeline = std::stoul(value);
        } else if (name == "--seconds") {
            options.seconds = std::stod(value);
        } else if (name == "--protocol") {
            options.protocol = value == "redis" ? Protocol::redis : Protocol::http;
        } else if (name == "--requests") {
            options.requests = value;
        } else if (name == "--tokens") {
            options.tokens = value;
        } else if (name == "--keep-tokens") {
            options.keep_tokens = value;
        } else if (name == "--processor") {
            options.processor = std::stoi(value);
        } else if (name == "--watch") {
            options.watched.push_back(std::stoi(value));
        } else {
            throw std::runtime_error("unknown option " + name);
        }
    }
    return options;
}

class Connection {
public:
    explicit Connection(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address = {};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (fd_ < 0 || connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
            throw std::runtime_error(std::string("cannot connect: ") + std::strerror(errno));
        }
        const int on = 1;
        setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    }
    ~Connection() { close(fd_); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    int fd() const noexcept { return fd_; }

    void send_all(std::string_view text, std::size_t requests) {
        outstanding_ = requests;
        while (!text.empty()) {
            const ssize_t sent = send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
            if (sent < 0) {
                throw std::runtime_error(std::string("cannot send: ") + std::strerror(errno));
            }
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    // Reads the available data and calls `f` with each complete response. True when none is outstanding.
    template <typename F>
    bool receive(Protocol protocol, F&& f) {
        const ssize_t size = recv(fd_, buffer_.data() + filled_, buffer_.size() - filled_, 0);
        if (size <= 0) {
            throw std::runtime_error("the server closed a connection");
        }
        filled_ += static_cast<std::size_t>(size);
        std::size_t read = 0;
        while (read < filled_) {
            const Answer answer = first_answer(protocol, {buffer_.data() + read, filled_ - read});
            if (answer.size == 0) {
                break;
            }
            f(answer);
            read += answer.size;
            --outstanding_;
        }
        if (read == 0 && filled_ == buffer_.size()) {
            throw std::runtime_error("an answer is too large");
        }
        std::memmove(buffer_.data(), buffer_.data() + read, filled_ - read);
        filled_ -= read;
        return outstanding_ == 0;
    }

private:
    int fd_;
    std::array<char, 64 * 1024> buffer_;
    std::size_t filled_ = 0;
    std::size_t outstanding_ = 0;
};

class Load {
public:
    explicit Load(const Options& options) : options_(options), requests_(options.requests, options.tokens) {}

    void run() {
        const int poll = epoll_create1(0);
        std::vector<std::unique_ptr<Connection>> connections;
        for (std::size_t i = 0; i < options_.connections; ++i) {
            connections.push_back(std::make_unique<Connection>(options_.port));
            epoll_event event = {};
            event.events = EPOLLIN;
            event.data.ptr = connections.back().get();
            epoll_ctl(poll, EPOLL_CTL_ADD, connections.back()->fd(), &event);
        }
        // The first responses on each connection do not count, because they include accepting it.
        warm_up_ = 4 * options_.connections * options_.pipeline;
        std::size_t busy = 0;
        for (const auto& connection : connections) {
            busy += send_next(*connection);
        }
        std::array<epoll_event, 256> events;
        while (busy > 0) {
            const int ready = epoll_wait(poll, events.data(), static_cast<int>(events.size()), -1);
            const bool over = began_ && monotonic_ns() >= end_ns_;
            for (int i = 0; i < ready; ++i) {
                auto& connection = *static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
                if (!connection.receive(options_.protocol, [this](const Answer& answer) { count(answer); })) {
                    continue;
                }
                if (over || !send_next(connection)) {
                    --busy;
                }
            }
            if (!began_ && answered_ >= warm_up_) {
                begin();
            }
        }
        after_ = read_processors(options_.watched);
        close(poll);
        if (!began_) {
            throw std::runtime_error("too few requests");
        }
    }

    void print() const {
        const auto share = [this](std::size_t i) {
            return "{\"running_ns\":" + std::to_string(after_.shares[i].running_ns - before_.shares[i].running_ns) +
                   ",\"waiting_ns\":" + std::to_string(after_.shares[i].waiting_ns - before_.shares[i].waiting_ns) +
                   "}";
        };
        std::string watched;
        for (std::size_t i = 0; i < options_.watched.size(); ++i) {
            watched += (i == 0 ? "" : ",") + share(i);
        }
        std::cout << "{\"answers\":" << answered_ << ",\"bad\":" << bad_
                  << ",\"elapsed_ns\":" << after_.clock_ns - before_.clock_ns
                  << ",\"busy_ns\":" << after_.total.busy_ns - before_.total.busy_ns
                  << ",\"stolen_ns\":" << after_.total.stolen_ns - before_.total.stolen_ns << ",\"watched\":["
                  << watched << "],\"self\":" << share(options_.watched.size()) << "}\n";
    }

    void keep_tokens() const {
        if (options_.keep_tokens.empty()) {
            return;
        }
        std::ofstream out(options_.keep_tokens);
        out << tokens_;
        if (!out.flush()) {
            throw std::runtime_error("cannot write " + options_.keep_tokens);
        }
    }

private:
    void begin() {
        began_ = true;
        answered_ = bad_ = 0;
        before_ = read_processors(options_.watched);
        end_ns_ = before_.clock_ns + static_cast<std::int64_t>(options_.seconds * 1e9);
    }

    bool send_next(Connection& connection) {
        if (options_.once && sent_ + options_.pipeline > requests_.size()) {
            return false;
        }
        sent_ += options_.pipeline;
        connection.send_all(requests_.next(options_.pipeline), options_.pipeline);
        return true;
    }

    void count(const Answer& answer) {
        ++answered_;
        bad_ += answer.good ? 0 : 1;
        constexpr std::string_view before_token = "{\"token\":\"";
        constexpr std::size_t token_size = 64;
        if (!options_.keep_tokens.empty() && answer.body.starts_with(before_token)) {
            tokens_ += answer.body.substr(before_token.size(), token_size);
            tokens_ += '\n';
        }
    }

    const Options& options_;
    Requests requests_;
    Reading before_, after_;
    bool began_ = false;
    std::int64_t end_ns_ = 0;
    std::size_t warm_up_ = 0, sent_ = 0, answered_ = 0, bad_ = 0;
    std::string tokens_;
};

}  // namespace

}  // namespace load

int main(int argc, char** argv) {
    try {
        const load::Options options = load::options_of(argc, argv);
        if (options.processor >= 0) {
            load::stay_on(options.processor);
        }
        load::Load load(options);
        load.run();
        load.print();
        load.keep_tokens();
    } catch (const std::exception& e) {
        std::cerr << "load: " << e.what() << '\n';
        return 1;
    }
}
