#include "core/jwt/session_cookie.hpp"

#include "core/base/ascii.hpp"
#include "core/base/percent.hpp"
#include "core/http/query.hpp"
#include "core/jwt/jwt.hpp"

namespace auth_gate::cookie {

namespace {

// What some parser takes for the end of a cookie or strips from a name or a value: white space of any alphabet, commas,
// quotes. Semicolons do not occur in a segment.
constexpr bool separates(char c) noexcept {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= ' ' || byte >= 0x7f || c == ',' || c == '"' || c == '\\' || c == ';';
}

// PHP has no other names of variables.
constexpr char mangled(char c) noexcept {
    return c == '.' || c == ' ' || c == '+' || c == '[' ? '_' : c;
}

struct Match {
    std::size_t end;
    bool same_case;
};

// Whether the name begins at `at`, with its characters escaped or not.
std::optional<Match> match_name(std::string_view text, std::size_t at, std::string_view name) noexcept {
    bool same_case = true;
    for (const char wanted : name) {
        if (at >= text.size()) {
            return std::nullopt;
        }
        const auto escaped = percent::unescaped(text, at);
        const char c = mangled(escaped.value_or(text[at]));
        if (lower(c) != lower(mangled(wanted))) {
            return std::nullopt;
        }
        same_case &= c == mangled(wanted);
        at += escaped ? 3 : 1;
    }
    return Match{at, same_case};
}

bool may_begin(std::string_view text, std::size_t at) noexcept {
    while (at > 0 && text[at - 1] == '=') {
        --at;  // an empty name
    }
    if (at == 0 || separates(text[at - 1])) {
        return true;
    }
    if (at < 3 || text[at - 3] != '%') {
        return false;
    }
    const auto escaped = percent::unescaped(text, at - 3);
    return escaped && separates(*escaped);
}

}  // namespace

std::size_t Places::Stretch::end_from(std::size_t from, std::string_view text, bool (*belongs)(char)) noexcept {
    if (from < begin_ || from > end_) {
        begin_ = end_ = from;
        while (end_ < text.size() && belongs(text[end_])) {
            ++end_;
        }
    }
    return end_;
}

// What stands behind a name: its value. Nothing if it is no cookie's name.
std::optional<std::string_view> Places::value_behind(std::size_t name_begin, std::size_t name_end) noexcept {
    const auto is_blank = [](char c) { return separates(c) && c != ','; };
    std::size_t at = name_end;
    if (at < segment_.size() && segment_[at] == '[') {  // PHP: an element of an array of this name
        at = key_.end_from(at, segment_, [](char c) { return c != '=' && !separates(c); });
    }
    at = blanks_.end_from(at, segment_, is_blank);
    if (at < segment_.size() && segment_[at] == '=') {
        const std::size_t begin = value_blanks_.end_from(at + 1, segment_, is_blank);
        const std::size_t end = value_.end_from(begin, segment_, [](char c) { return !separates(c); });
        return segment_.substr(begin, end - begin);
    }
    // A name alone is a cookie without a value, to some.
    const bool alone = name_begin == 0 && (at == segment_.size() || segment_[at] == ',');
    return alone ? std::optional<std::string_view>("") : std::nullopt;
}

// Of values that end at the same place, the first and longest one says it for all.
bool Places::has_jwt(std::string_view value) {
    const char* end = value.data() + value.size();
    if (end != checked_end_) {
        checked_end_ = end;
        checked_has_jwt_ = jwt::contains_jwt(query::decode(value));
    }
    return checked_has_jwt_;
}

std::optional<std::string_view> Places::next() {
    while (at_ < segment_.size()) {
        const std::size_t begin = at_++;
        const auto match = match_name(segment_, begin, name_);
        // In this order: a search backwards from each place of a long row of "=" would take long.
        if (!match || !may_begin(segment_, begin)) {
            continue;
        }
        const auto value = value_behind(begin, match->end);
        if (value && (match->same_case || has_jwt(*value))) {
            at_ = match->end;
            return value;
        }
    }
    return std::nullopt;
}

}  // namespace auth_gate::cookie
