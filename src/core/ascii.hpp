// Letters as protocols know them, whatever the locale.
#pragma once

namespace auth_gate {

constexpr char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

}  // namespace auth_gate
