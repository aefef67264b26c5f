// Where one answer ends and the next begins: HTTP/1.1 with Content-Length, and Redis' protocol.
#pragma once

#include <cstddef>
#include <string_view>

namespace load {

enum class Protocol { http, redis };

struct Answer {
    std::size_t size = 0;  // 0: not all of it is there
    bool good = false;     // status 200; Redis: neither an error nor nil
    std::string_view body;
};

// The first answer in `received`. Throws std::runtime_error for what this cannot read (chunked bodies).
Answer first_answer(Protocol protocol, std::string_view received);

}  // namespace load
