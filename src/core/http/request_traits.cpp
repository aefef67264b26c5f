#include "core/http/request_traits.hpp"

#include "core/base/ascii.hpp"

#include <algorithm>
#include <charconv>

namespace auth_gate {

namespace {

// The element without its parameters: "text/html" for "text/html;q=0.9".
std::string_view bare(std::string_view element) noexcept {
    return trimmed(element.substr(0, element.find(';')));
}

template <typename F>
bool any_element(std::string_view list, F&& f) {
    for (std::size_t begin = 0; begin <= list.size();) {
        const std::size_t end = std::min(list.find(',', begin), list.size());
        if (f(trimmed(list.substr(begin, end - begin)))) {
            return true;
        }
        begin = end + 1;
    }
    return false;
}

// The quality value of a media type (RFC 9110, 12.4.2), from 0 to 1; 0 if the list does not name it.
double quality(std::string_view accept, std::string_view type) noexcept {
    double found = 0;
    any_element(accept, [&](std::string_view range) {
        if (!equal_ignoring_case(bare(range), type)) {
            return false;
        }
        const std::size_t q = std::min(range.find("q="), range.find("Q="));
        found = 1;
        if (q != std::string_view::npos) {
            const std::string_view number = range.substr(q + 2);
            std::from_chars(number.data(), number.data() + number.size(), found);
        }
        return true;
    });
    return found;
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
    // The fast path: most are spelt alike.
    return a == b ||
           std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

bool contains_ignoring_case(std::string_view text, std::string_view part) noexcept {
    return std::search(text.begin(), text.end(), part.begin(), part.end(),
                       [](char x, char y) { return lower(x) == y; }) != text.end();
}

bool list_has(std::string_view list, std::string_view element) noexcept {
    return any_element(list, [&](std::string_view other) { return equal_ignoring_case(other, element); });
}

bool is_json_type(std::string_view content_type) noexcept {
    constexpr std::string_view application = "application/";
    constexpr std::string_view suffix = "+json";
    const std::string_view type = bare(content_type);
    if (type.size() <= application.size() || !equal_ignoring_case(type.substr(0, application.size()), application)) {
        return false;
    }
    const std::string_view subtype = type.substr(application.size());
    return equal_ignoring_case(subtype, "json") ||
           (subtype.size() > suffix.size() && std::all_of(subtype.begin(), subtype.end(), is_token_char) &&
            equal_ignoring_case(subtype.substr(subtype.size() - suffix.size()), suffix));
}

bool is_preflight(std::string_view method, std::string_view origin,
                  std::string_view access_control_request_method) noexcept {
    return method == "OPTIONS" && !origin.empty() && !access_control_request_method.empty();
}

bool is_prefetch_purpose(std::string_view purpose) noexcept {
    return any_element(purpose, [](std::string_view element) {
        const std::string_view name = bare(element);
        return equal_ignoring_case(name, "prefetch") || equal_ignoring_case(name, "prerender") ||
               equal_ignoring_case(name, "preview");
    });
}

bool is_page_navigation(std::string_view method, std::string_view sec_fetch_mode, std::string_view accept,
                        std::string_view x_requested_with) noexcept {
    if (method != "GET" && method != "HEAD" && method != "POST") {
        return false;
    }
    if (!sec_fetch_mode.empty()) {
        return equal_ignoring_case(sec_fetch_mode, "navigate");
    }
    if (!x_requested_with.empty()) {
        return false;
    }
    const double html = std::max(quality(accept, "text/html"), quality(accept, "application/xhtml+xml"));
    return html > 0 && html > quality(accept, "application/json");
}

}  // namespace auth_gate
