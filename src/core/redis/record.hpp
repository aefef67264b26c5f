// A record as the scripts read it; see script.cpp. Numbers are big-endian.
#pragma once

#include "core/redis/names.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace auth_gate::redis {

struct RecordHead {
    static constexpr std::size_t before_purpose = 13;  // state, end and binding, which the scripts write
    static constexpr std::size_t size = 62;

    std::uint32_t purpose = 0;
    std::uint64_t scope = 0;
    std::uint32_t session_exp = 0;
    std::string share{uncounted_share};
    std::string session{no_session};
};

template <typename Number>
void append_number(std::string& out, Number value) {
    for (int shift = (static_cast<int>(sizeof(value)) - 1) * 8; shift >= 0; shift -= 8) {
        out += static_cast<char>(value >> shift & 0xff);
    }
}

template <typename Number>
Number number_at(std::string_view bytes, std::size_t at) noexcept {
    Number value = 0;
    for (const char c : bytes.substr(at, sizeof(value))) {
        value = static_cast<Number>(value << 8 | static_cast<unsigned char>(c));
    }
    return value;
}

// The state and the binding of a new record; `place` as TokenGrant has it.
inline std::string beginning(std::uint64_t place) {
    std::string out(1, place == 0 ? 'L' : 'b');
    append_number(out, place);
    return out;
}

// The record from its purpose on.
inline std::string packed(const RecordHead& head, std::string_view rest) {
    std::string out;
    out.reserve(RecordHead::size + rest.size());
    append_number(out, head.purpose);
    append_number(out, head.scope);
    append_number(out, head.session_exp);
    out += head.share;
    out += head.session;
    out += rest;
    return out;
}

}  // namespace auth_gate::redis
