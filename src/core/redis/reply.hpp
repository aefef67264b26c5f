// What a Redis server answers, independent of the library that reads it.
#pragma once

#include <cstdint>
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

}  // namespace auth_gate::redis
