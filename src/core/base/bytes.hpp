// Texts as the bytes that they are: C libraries tell `char` and `unsigned char` apart. The core's only place for
// reinterpret_cast, but for the token table, which looks at its own memory that way.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace auth_gate {

// Views, all of them.

inline std::span<const std::uint8_t> as_bytes(std::string_view text) noexcept {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::span<std::uint8_t> as_bytes(std::string& text) noexcept {
    return {reinterpret_cast<std::uint8_t*>(text.data()), text.size()};
}

inline std::string_view as_text(std::span<const std::uint8_t> bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace auth_gate
