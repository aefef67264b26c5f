#include "core/redis/reply.hpp"

namespace auth_gate::redis {

std::string loggable(std::string_view error) {
    constexpr std::size_t longest = 200;
    std::string out(error.substr(0, std::min(error.find(", with args"), longest)));
    std::replace_if(
        out.begin(), out.end(), [](char c) { return c < 0x20 || c == 0x7f; }, '?');
    return out;
}

}  // namespace auth_gate::redis
