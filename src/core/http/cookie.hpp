// Reads a Cookie header as RFC 6265, 4.2, has it.
#pragma once

#include <optional>
#include <string_view>

namespace auth_gate::cookie {

// Calls f(segment) for each part of the header between semicolons, in order, without leading blanks.
template <typename F>
void each_segment(std::string_view header, F&& f) {
    for (std::size_t begin = 0; begin <= header.size();) {
        const std::size_t found = header.find(';', begin);
        const std::size_t end = found == std::string_view::npos ? header.size() : found;
        std::string_view segment = header.substr(begin, end - begin);
        while (!segment.empty() && (segment.front() == ' ' || segment.front() == '\t')) {
            segment.remove_prefix(1);
        }
        f(segment);
        begin = end + 1;
    }
}

// The value, if the segment is a cookie of this name: all that follows "name=".
inline std::optional<std::string_view> exact_value(std::string_view segment, std::string_view name) noexcept {
    if (segment.size() <= name.size() || segment[name.size()] != '=' || !segment.starts_with(name)) {
        return std::nullopt;
    }
    return segment.substr(name.size() + 1);
}

}  // namespace auth_gate::cookie
