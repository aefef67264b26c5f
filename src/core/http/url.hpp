// Absolute http and https URLs read strictly (RFC 3986), query parameters, and paths that are safe to send a browser
// to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace auth_gate::url {

constexpr std::size_t longest = 2048;  // bytes

struct Url {
    bool https = false;
    std::string host;  // lower case, an IPv6 address without its brackets
    std::uint16_t port = 0;
    std::string target;  // path and query as they were written, "/" at least
};

// Nothing for anything but scheme://host[:port][/path][?query] of visible ASCII: no user name, no fragment, no broken
// escape, no host in escapes.
std::optional<Url> parse(std::string_view text);

// Whether paths can be put behind it: one without a query.
bool is_base(std::string_view text);

// 127.0.0.1, ::1 and localhost, and no other way of writing them.
bool is_loopback(const Url& url) noexcept;

// Whether secrets may travel there: https, or http that does not leave this machine.
bool is_secure(std::string_view text);

// Two issuers are the same when their text is, but for one slash at the end.
bool same_issuer(std::string_view a, std::string_view b) noexcept;

// Everything but unreserved characters as %XX (RFC 3986, 2.3): good for a query and for a form alike.
std::string encode(std::string_view text);

// Decodes a form's name or value: '+' is a space. Nothing for a broken escape.
std::optional<std::string> decode_form(std::string_view text);

// Appends name=value behind '?', or behind '&' when there is a query.
void add_parameter(std::string& url, std::string_view name, std::string_view value);

// Appends name=value to a form's body.
void add_field(std::string& form, std::string_view name, std::string_view value);

// A path (and query) on the same origin, for a Location header: visible ASCII, one '/' first, no "//" in the path, no
// backslash, at most 255 bytes.
bool is_return_path(std::string_view text) noexcept;

}  // namespace auth_gate::url
