// Splits a stream into responses: HTTP/1.1 with Content-Length, and the Redis protocol.
#pragma once

#include <cstddef>
#include <string_view>

namespace load {

enum class Protocol { http, redis };

struct Answer {
    std::size_t size = 0;  // in bytes; 0: the response is incomplete
    bool good = false;     // HTTP: status 200. Redis: neither an error nor nil
    std::string_view body;
};

// The first response in `received`. Throws std::runtime_error if it cannot be parsed, such as a chunked body.
Answer first_answer(Protocol protocol, std::string_view received);

}  // namespace load
