// Cookies: wherever a simple parser finds the session cookie, the gate finds it too, with the same value.
#include "core/http/cookie.hpp"
#include "core/http/query.hpp"
#include "core/jwt/session_cookie.hpp"

#include "fuzz.hpp"

#include <algorithm>
#include <vector>

using namespace auth_gate;

namespace {

constexpr std::string_view name = "trek_session";

std::vector<std::string_view> values_in(std::string_view segment) {
    std::vector<std::string_view> values;
    cookie::Places places(segment, name);
    while (const auto value = places.next()) {
        const bool inside = value->empty() || (value->data() >= segment.data() &&
                                               value->data() + value->size() <= segment.data() + segment.size());
        fuzz::demand(inside, "a value is a part of the segment");
        values.push_back(*value);
        fuzz::demand(values.size() <= segment.size(), "each place is behind the one before");
    }
    fuzz::demand(cookie::stands_in(segment, name) == !values.empty(), "a cookie stands where it is found");
    return values;
}

// Parsers that also split at white space and commas, and that decode the escapes of a name.
void check_pieces(std::string_view segment, const std::vector<std::string_view>& values) {
    constexpr std::string_view ends = " \t,";
    for (std::size_t begin = 0; begin <= segment.size();) {
        const std::size_t end = std::min(segment.find_first_of(ends, begin), segment.size());
        const std::string_view piece = segment.substr(begin, end - begin);
        const std::size_t equals = piece.find('=');
        if (equals != std::string_view::npos && query::decode(piece.substr(0, equals)) == name) {
            fuzz::demand(!values.empty(), "what a parser finds in a piece of a segment is found");
        }
        begin = end + 1;
    }
}

}  // namespace

void fuzz::check(std::string_view input) {
    std::size_t segments = 0;
    cookie::each_segment(input, [&](std::string_view segment) {
        ++segments;
        demand(segment.find(';') == std::string_view::npos, "a segment has no semicolon");
        demand(!segment.starts_with(' ') && !segment.starts_with('\t'), "a segment begins with no blank");
        const std::vector<std::string_view> values = values_in(segment);
        check_pieces(segment, values);
        const auto exact = cookie::exact_value(segment, name);
        if (!exact) {
            return;
        }
        demand(segment == std::string(name) + '=' + std::string(*exact), "an exact cookie is its name and value");
        demand(!values.empty(), "an exact cookie is found");
        const bool is_plain = std::all_of(exact->begin(), exact->end(), [](char c) {
            return c > ' ' && c < 0x7f && c != ',' && c != '"' && c != '\\';
        });
        demand(!is_plain || values.front() == *exact, "both readings have the same value");
    });
    demand(segments == 1 + static_cast<std::size_t>(std::count(input.begin(), input.end(), ';')),
           "semicolons divide the header");
}
