#include "core/http/origin.hpp"

#include "core/base/ascii.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

namespace auth_gate {

namespace {

std::uint16_t default_port(std::string_view scheme) noexcept {
    return scheme == "https" ? 443 : scheme == "http" ? 80 : 0;
}

bool is_scheme(std::string_view text) noexcept {
    return !text.empty() && !is_digit(text.front()) && std::all_of(text.begin(), text.end(), [](char c) {
        return is_alphanumeric(c) || c == '+' || c == '-' || c == '.';
    });
}

bool is_host(std::string_view text) noexcept {
    const bool bracketed = text.starts_with('[') && text.ends_with(']') && text.size() > 2;
    if (bracketed) {
        text = text.substr(1, text.size() - 2);
    }
    const std::string_view others = bracketed ? ":." : "-._";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return is_alphanumeric(c) || others.find(c) != std::string_view::npos;
    });
}

// "host" or "host:port" in lower case, without the scheme's default port. Nothing for anything else.
std::optional<std::string> read_authority(std::string_view text, std::string_view scheme) {
    const std::size_t bracket = text.rfind(']');
    const std::size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
    const std::string_view host = text.substr(0, colon);
    if (!is_host(host)) {
        return std::nullopt;
    }
    std::string authority = lowered(host);
    if (colon == std::string_view::npos) {
        return authority;
    }
    std::uint16_t port = 0;
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data() + colon + 1, last, port);
    if (error != std::errc() || end != last || port == 0) {
        return std::nullopt;
    }
    if (port != default_port(scheme)) {
        authority += ':' + std::to_string(port);
    }
    return authority;
}

struct Origin {
    std::string scheme;
    std::string authority;

    std::string text() const { return scheme + "://" + authority; }
};

std::optional<Origin> read_origin(std::string_view text) {
    constexpr std::string_view mark = "://";
    const std::size_t colon = text.find(mark);
    if (colon == std::string_view::npos || !is_scheme(text.substr(0, colon))) {
        return std::nullopt;
    }
    std::string scheme = lowered(text.substr(0, colon));
    auto authority = read_authority(text.substr(colon + mark.size()), scheme);
    if (!authority) {
        return std::nullopt;
    }
    return Origin{std::move(scheme), std::move(*authority)};
}

bool is_of_host(const Origin& origin, const Page& page) {
    if (default_port(origin.scheme) == 0 || (page.tls && origin.scheme != "https")) {
        return false;
    }
    return read_authority(page.host, origin.scheme) == origin.authority;
}

}  // namespace

bool OriginRule::add(std::string_view origin) {
    const auto read = read_origin(origin);
    // Pages of WebSocket schemes do not exist.
    if (!read || read->scheme == "ws" || read->scheme == "wss") {
        return false;
    }
    listed_.push_back(read->text());
    return true;
}

bool OriginRule::lists(std::string_view origin) const {
    const auto read = read_origin(origin);
    return read && std::find(listed_.begin(), listed_.end(), read->text()) != listed_.end();
}

bool OriginRule::admits(const Page& page) const {
    if (any_) {
        return true;
    }
    if (page.origin.empty()) {
        return page.fetch_site == "same-origin";
    }
    const auto origin = read_origin(page.origin);
    return (origin && is_of_host(*origin, page)) || lists(page.origin);
}

}  // namespace auth_gate
