#include "core/json/path.hpp"

#include "core/base/ascii.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace auth_gate {

namespace {

// Decimal, without leading zeros.
std::optional<std::size_t> index_of(std::string_view text) noexcept {
    std::size_t index = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), index);
    const bool is_all = read.ec == std::errc() && read.ptr == text.data() + text.size();
    return is_all && (text.front() != '0' || text.size() == 1) ? std::optional(index) : std::nullopt;
}

// Finds the longest name, of those that `path` begins with, that `member` knows, and cuts it off. `path` is empty and
// `is_end` true when it was the whole path.
template <typename Member>
auto take_longest(std::string_view& path, bool& is_end, Member member) noexcept {
    std::size_t end = path.size();
    while (true) {
        const auto found = member(path.substr(0, end));
        if (found) {
            is_end = end == path.size();
            path.remove_prefix(is_end ? end : end + 1);
            return found;
        }
        const std::size_t dot = end == 0 ? std::string_view::npos : path.rfind('.', end - 1);
        if (dot == std::string_view::npos) {
            return found;
        }
        end = dot;
    }
}

}  // namespace

bool is_path(std::string_view text) noexcept {
    while (true) {
        const std::size_t dot = text.find('.');
        if (dot == 0 || text.empty() || std::min(dot, text.size()) > json::longest_name) {
            return false;
        }
        if (dot == std::string_view::npos) {
            return true;
        }
        text.remove_prefix(dot + 1);
    }
}

std::size_t find_colon_behind_path(std::string_view text) noexcept {
    std::size_t colon = text.find(':');
    while (colon != std::string_view::npos && text.substr(colon).starts_with("://")) {
        colon = text.find(':', colon + 1);
    }
    return colon;
}

const json_t* at_path(const json_t* value, std::string_view path) noexcept {
    for (bool is_end = false; value != nullptr && !is_end;) {
        if (json_is_array(value)) {
            const std::size_t end = std::min(path.find('.'), path.size());
            const auto index = index_of(path.substr(0, end));
            value = index ? json_array_get(value, *index) : nullptr;
            is_end = end == path.size();
            path.remove_prefix(is_end ? end : end + 1);
        } else {
            value = take_longest(path, is_end, [value](std::string_view name) { return json::member(value, name); });
        }
    }
    return value;
}

json::Claim at_path(const json::Claims& claims, std::string_view path) noexcept {
    bool is_end = false;
    const json::Claim claim =
        take_longest(path, is_end, [&claims](std::string_view name) { return claims.member(name); });
    if (is_end || !claim) {
        return claim;
    }
    if (claim.tree() != nullptr) {
        return json::Claim(at_path(claim.tree(), path));
    }
    const auto index = index_of(path);
    return index ? claim.element(*index) : json::Claim();
}

}  // namespace auth_gate
