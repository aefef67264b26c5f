#include "core/redis/server_url.hpp"

#include "core/base/ascii.hpp"
#include "core/base/percent.hpp"

#include <algorithm>
#include <charconv>

namespace auth_gate::redis {

namespace {

constexpr std::size_t longest_socket = 107;  // bytes: what sun_path holds

std::optional<std::string> unescaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        const auto byte = percent::unescaped(text, i);
        if (!byte || *byte == '\0') {
            return std::nullopt;
        }
        out += *byte;
        i += 2;
    }
    return out;
}

bool read_user(std::string_view text, ServerUrl& url) {
    const std::size_t colon = text.find(':');
    const bool is_password = colon != std::string_view::npos;
    const auto user = unescaped(text.substr(0, colon));
    const auto password = unescaped(is_password ? text.substr(colon + 1) : std::string_view());
    if (!user || !password || (is_password ? password->empty() : user->empty())) {
        return false;
    }
    url.user = *user;
    url.password = *password;
    return true;
}

bool read_database(std::string_view text, ServerUrl& url) {
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, url.database);
    return error == std::errc() && rest == end;
}

}  // namespace

std::string ServerUrl::shown() const {
    return socket.empty() ? "redis://" + authority + "/" + std::to_string(database) : "unix:" + socket;
}

std::optional<ServerUrl> parse_server_url(std::string_view text) {
    constexpr std::string_view unix_scheme = "unix:", scheme = "redis://";
    ServerUrl url;
    if (text.starts_with(unix_scheme)) {
        url.socket = text.substr(unix_scheme.size());
        const bool is_path = url.socket.size() > 1 && url.socket.size() <= longest_socket && url.socket[0] == '/';
        return is_path ? std::optional(std::move(url)) : std::nullopt;
    }
    if (!text.starts_with(scheme)) {
        return std::nullopt;
    }
    std::string_view rest = text.substr(scheme.size());
    if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
        if (!read_user(rest.substr(0, at), url)) {
            return std::nullopt;
        }
        rest = rest.substr(at + 1);
    }
    if (const std::size_t slash = rest.find('/'); slash != std::string_view::npos) {
        if (slash + 1 < rest.size() && !read_database(rest.substr(slash + 1), url)) {
            return std::nullopt;
        }
        rest = rest.substr(0, slash);
    }
    const bool is_authority = !rest.empty() && std::all_of(rest.begin(), rest.end(), [](char c) {
        return is_alphanumeric(c) || std::string_view("-._:[]").find(c) != std::string_view::npos;
    });
    url.authority = rest;
    return is_authority ? std::optional(std::move(url)) : std::nullopt;
}

}  // namespace auth_gate::redis
