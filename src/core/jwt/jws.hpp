// The compact form of a signed token (RFC 7515, 7.1).
#pragma once

#include <optional>
#include <string_view>

namespace auth_gate::jws {

// Views into the token, still in base64url.
struct Parts {
    std::string_view header;
    std::string_view payload;
    std::string_view signature;
    std::string_view signed_text;  // header.payload
};

// Nothing unless there are just two dots.
std::optional<Parts> split(std::string_view token) noexcept;

}  // namespace auth_gate::jws
