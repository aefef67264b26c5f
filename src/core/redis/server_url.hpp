// Where a store is, as the configuration says it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace auth_gate::redis {

struct ServerUrl {
    std::string socket;     // the path of a socket, or
    std::string authority;  // host, or host:port; an IPv6 address is in brackets
    std::string user;
    std::string password;  // a secret; the caller wipes it
    std::uint32_t database = 0;

    // Without user and password, for log lines.
    std::string shown() const;
};

// redis://[user[:password]@]host[:port][/database], where user and password may be percent-encoded, or unix:/path.
// `:password@` is a password without a user. Nothing for anything else.
std::optional<ServerUrl> parse_server_url(std::string_view text);

}  // namespace auth_gate::redis
