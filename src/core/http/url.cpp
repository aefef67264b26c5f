#include "core/http/url.hpp"

#include "core/base/ascii.hpp"
#include "core/base/percent.hpp"
#include "core/http/address.hpp"

#include <algorithm>
#include <charconv>

#include <arpa/inet.h>

namespace auth_gate::url {

namespace {

constexpr std::size_t longest_return_path = 255;
constexpr std::size_t longest_host = 253;

bool is_visible_ascii(char c) noexcept {
    return c > 0x20 && c < 0x7f;
}

// Whether all characters may occur in a path or a query (RFC 3986, 3.3 and 3.4).
bool is_target(std::string_view text) noexcept {
    constexpr std::string_view others = "-._~!$&'()*+,;=:@/?";
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' ? !percent::unescaped(text, i)
                           : !is_alphanumeric(text[i]) && others.find(text[i]) == others.npos) {
            return false;
        }
    }
    return true;
}

bool is_name(std::string_view host) noexcept {
    return !host.empty() && host.size() <= longest_host && host.front() != '.' && host.find("..") == host.npos &&
           std::all_of(host.begin(), host.end(),
                       [](char c) { return is_alphanumeric(c) || c == '-' || c == '.' || c == '_'; });
}

bool is_ipv6(const std::string& host) noexcept {
    in6_addr address;
    return inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

bool read_port(std::string_view text, std::uint16_t& port) noexcept {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc() && end == text.data() + text.size() && port != 0;
}

std::string_view without_final_slash(std::string_view text) noexcept {
    if (text.ends_with('/')) {
        text.remove_suffix(1);
    }
    return text;
}

}  // namespace

std::optional<Url> parse(std::string_view text) {
    if (text.size() > longest) {
        return std::nullopt;
    }
    Url url;
    const std::size_t colon = text.find("://");
    const std::string scheme = lowered(text.substr(0, std::min(colon, std::size_t{5})));
    if (colon == std::string_view::npos || colon != scheme.size() || (scheme != "https" && scheme != "http")) {
        return std::nullopt;
    }
    url.https = scheme == "https";
    url.port = url.https ? 443 : 80;

    std::string_view rest = text.substr(colon + 3);
    const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
    std::string_view authority = rest.substr(0, end);
    url.target = rest.substr(end);
    if (!url.target.starts_with('/')) {
        url.target.insert(0, 1, '/');
    }
    if (!is_target(url.target)) {
        return std::nullopt;
    }

    const bool bracketed = authority.starts_with('[');
    const std::size_t host_end = bracketed ? authority.find(']') : std::min(authority.find(':'), authority.size());
    if (host_end == std::string_view::npos) {
        return std::nullopt;
    }
    url.host = lowered(bracketed ? authority.substr(1, host_end - 1) : authority.substr(0, host_end));
    authority.remove_prefix(bracketed ? host_end + 1 : host_end);
    if (!authority.empty() && (authority.front() != ':' || !read_port(authority.substr(1), url.port))) {
        return std::nullopt;
    }
    if (bracketed ? !is_ipv6(url.host) : !is_name(url.host)) {
        return std::nullopt;
    }
    return url;
}

bool is_base(std::string_view text) {
    return parse(text) && text.find('?') == std::string_view::npos;
}

bool is_proxy(std::string_view text) {
    const std::size_t begin = std::min(text.find("://"), text.size());
    const std::size_t at = text.rfind('@');
    std::string without(text);
    if (at != std::string_view::npos && at > begin) {
        const std::string_view user = text.substr(begin + 3, at - begin - 3);
        if (!is_target(user) || user.find_first_of("/?@") != std::string_view::npos) {
            return false;
        }
        without.erase(begin + 3, user.size() + 1);
    }
    const auto url = parse(without);
    return url && url->target == "/";
}

bool is_loopback(const Url& url) noexcept {
    return url.host == "127.0.0.1" || url.host == "::1" || url.host == "localhost";
}

bool is_secure(std::string_view text) {
    const auto url = parse(text);
    return url && (url->https || is_loopback(*url));
}

bool is_public(std::string_view text) {
    const auto url = parse(text);
    return url && url->https && address::may_be_public(url->host);
}

bool same_issuer(std::string_view a, std::string_view b) noexcept {
    return without_final_slash(a) == without_final_slash(b);
}

std::string encode(std::string_view text) {
    return percent::escape(text, percent::is_unreserved);
}

std::optional<std::string> decode_form(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i] == '+' ? ' ' : text[i];
            continue;
        }
        const auto byte = percent::unescaped(text, i);
        if (!byte) {
            return std::nullopt;
        }
        out += *byte;
        i += 2;
    }
    return out;
}

void add_parameter(std::string& url, std::string_view name, std::string_view value) {
    const std::size_t mark = url.find('?');
    if (mark == std::string::npos) {
        url += '?';
    } else if (mark + 1 != url.size() && url.back() != '&') {
        url += '&';
    }
    url += encode(name) + '=' + encode(value);
}

void add_field(std::string& form, std::string_view name, std::string_view value) {
    if (!form.empty()) {
        form += '&';
    }
    form += encode(name) + '=' + encode(value);
}

bool is_return_path(std::string_view text) noexcept {
    const std::string_view path = text.substr(0, text.find_first_of("?#"));
    return text.size() <= longest_return_path && text.starts_with('/') && path.find("//") == std::string_view::npos &&
           text.find('\\') == std::string_view::npos && std::all_of(text.begin(), text.end(), is_visible_ascii);
}

}  // namespace auth_gate::url
