// Strict parsing of absolute http and https URLs (RFC 3986), form encoding, and safe redirect targets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace auth_gate::url {

constexpr std::size_t longest = 2048;  // bytes

struct Url {
    bool https = false;
    std::string host;  // lower case; an IPv6 address without its brackets
    std::uint16_t port = 0;
    std::string target;  // path and query as written, at least "/"
};

// Accepts only scheme://host[:port][/path][?query] in visible ASCII of at most `longest` bytes. Empty for anything
// else: a user name, a fragment, a malformed escape, an escaped host.
std::optional<Url> parse(std::string_view text);

// Whether it is a valid URL to append paths to, that is, one without a query.
bool is_base(std::string_view text);

// Whether it is a proxy's URL: scheme, host and port, with or without a user and a password, which may be escaped.
bool is_proxy(std::string_view text);

// Whether the host is 127.0.0.1, ::1 or localhost. Other spellings do not count.
bool is_loopback(const Url& url) noexcept;

// Whether secrets may be sent there: https, or http to this machine.
bool is_secure(std::string_view text);

// Whether nginx may be sent there by somebody who must not reach what only nginx can: https, and no address that is
// known to be private. A name is to be checked again when it is resolved.
bool is_public(std::string_view text);

// Whether two issuers are equal byte for byte, ignoring one final slash.
bool same_issuer(std::string_view a, std::string_view b) noexcept;

// Percent-encodes all but unreserved characters (RFC 3986, 2.3). Valid both in a query and in a form.
std::string encode(std::string_view text);

// Decodes a name or value of a form: '+' is a space. Empty for a malformed escape.
std::optional<std::string> decode_form(std::string_view text);

// Appends name=value, encoded, to the URL's query.
void add_parameter(std::string& url, std::string_view name, std::string_view value);

// Appends name=value, encoded, to the body of a form.
void add_field(std::string& form, std::string_view name, std::string_view value);

// Whether a Location header with this path (and query) stays on the same origin: visible ASCII, one leading '/', no
// "//" in the path, no backslash, at most 255 bytes.
bool is_return_path(std::string_view text) noexcept;

}  // namespace auth_gate::url
