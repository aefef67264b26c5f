// Views of text as bytes and of bytes as text. The core uses reinterpret_cast only here and in the token table, which
// lays out its own memory.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace auth_gate {

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
