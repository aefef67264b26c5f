#include "answers.hpp"

#include <charconv>
#include <stdexcept>

namespace load {

namespace {

constexpr std::string_view line_end = "\r\n";

long number_at(std::string_view text) {
    long number = -1;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

Answer http(std::string_view received) {
    constexpr std::string_view head_end = "\r\n\r\n";
    constexpr std::string_view length_name = "\r\nContent-Length: ";
    const std::size_t end = received.find(head_end);
    if (end == std::string_view::npos) {
        return {};
    }
    const std::string_view head = received.substr(0, end + line_end.size());
    const std::size_t length_at = head.find(length_name);
    const bool good = head.substr(0, 13) == "HTTP/1.1 200 ";
    if (length_at == std::string_view::npos) {
        if (head.find("\r\nTransfer-Encoding:") != std::string_view::npos) {
            throw std::runtime_error("the server sent an answer without its length");
        }
        return {end + head_end.size(), good, {}};
    }
    const auto length = static_cast<std::size_t>(number_at(head.substr(length_at + length_name.size())));
    const std::size_t begin = end + head_end.size();
    if (received.size() < begin + length) {
        return {};
    }
    return {begin + length, good, received.substr(begin, length)};
}

Answer redis(std::string_view received) {
    const std::size_t end = received.find(line_end);
    if (end == std::string_view::npos) {
        return {};
    }
    const std::size_t begin = end + line_end.size();
    if (received[0] != '$') {
        return {begin, received[0] != '-', received.substr(1, end - 1)};
    }
    const long length = number_at(received.substr(1));
    if (length < 0) {
        return {begin, false, {}};
    }
    const std::size_t size = begin + static_cast<std::size_t>(length) + line_end.size();
    if (received.size() < size) {
        return {};
    }
    return {size, true, received.substr(begin, static_cast<std::size_t>(length))};
}

}  // namespace

Answer first_answer(Protocol protocol, std::string_view received) {
    return protocol == Protocol::http ? http(received) : redis(received);
}

}  // namespace load
