// What a Redis server answers, independent of the library that reads it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace auth_gate::redis {

struct Reply {
    enum class Kind : std::uint8_t { nil, number, text, error, list };

    Kind kind = Kind::nil;
    std::int64_t number = 0;
    std::string_view text;  // of a text or an error; lives as long as the library's reply
    std::vector<Reply> items;

    bool is_error(std::string_view code) const noexcept { return kind == Kind::error && text.starts_with(code); }

    // An error of a server that will not carry out anything for now: another one may.
    bool is_of_wrong_server() const noexcept {
        static constexpr std::string_view codes[] = {"READONLY", "LOADING",     "MASTERDOWN",
                                                     "MOVED",    "CLUSTERDOWN", "NOAUTH"};
        return std::any_of(std::begin(codes), std::end(codes),
                           [this](std::string_view code) { return is_error(code); });
    }

    // The number at the beginning of a list, as our scripts answer; -1 for anything else.
    std::int64_t status() const noexcept {
        return kind == Kind::list && !items.empty() && items[0].kind == Kind::number ? items[0].number : -1;
    }

    // The text at this place of a list; empty if there is none.
    std::string_view text_at(std::size_t i) const noexcept {
        return kind == Kind::list && i < items.size() && items[i].kind == Kind::text ? items[i].text
                                                                                     : std::string_view();
    }
};

// An error as it may be logged: without the command's arguments, which may be secrets, and without control characters.
// Throws bad_alloc.
std::string loggable(std::string_view error);

}  // namespace auth_gate::redis
