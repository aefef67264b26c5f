#include "core/token/bound_place.hpp"

#include "core/base/percent.hpp"
#include "core/base/siphash.hpp"
#include "core/http/path.hpp"
#include "core/http/query.hpp"

#include <algorithm>

namespace auth_gate::place {

namespace {

constexpr std::size_t longest_method = 32;

// nginx refuses paths with this byte.
constexpr char encoded_slash = '\0';

bool is_control(char c) noexcept {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

// Decodes escapes once. Empty if one is malformed.
std::optional<std::string> decoded(std::string_view path) {
    std::string out;
    out.reserve(path.size());
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (path[i] != '%') {
            out += path[i];
            continue;
        }
        const auto byte = percent::unescaped(path, i);
        if (!byte || *byte == encoded_slash) {
            return std::nullopt;
        }
        out += *byte == '/' ? encoded_slash : *byte;
        i += 2;
    }
    return out;
}

std::string with_slashes_merged(std::string_view path) {
    std::string out;
    out.reserve(path.size());
    std::unique_copy(path.begin(), path.end(), std::back_inserter(out),
                     [](char a, char b) { return a == '/' && b == '/'; });
    return out;
}

// As nginx resolves dot segments: what one at the end names ends with a slash. The path begins with one.
std::string resolved(std::string_view path) {
    std::string out = "/";
    for (std::size_t begin = 1; begin <= path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        const std::string_view segment = path.substr(begin, end - begin);
        if (segment == "..") {
            out.erase(out.size() == 1 ? 1 : out.rfind('/', out.size() - 2) + 1);
        } else if (segment != ".") {
            out += segment;
            out.append(end < path.size() ? 1 : 0, '/');
        }
        begin = end + 1;
    }
    return out;
}

}  // namespace

std::optional<std::string> form_of(std::string_view path) {
    if (!path.starts_with('/') || path.size() > longest_path || path.find_first_of("?#") != std::string_view::npos ||
        std::any_of(path.begin(), path.end(), is_control)) {
        return std::nullopt;
    }
    const auto text = decoded(path);
    if (!text || std::any_of(text->begin(), text->end(), [](char c) { return c != encoded_slash && is_control(c); })) {
        return std::nullopt;
    }
    return resolved(with_slashes_merged(*text));
}

std::vector<std::string> forms_of_request(std::string_view sent, std::string_view canonical, bool goes_as_sent) {
    std::vector<std::string> forms;
    const std::string read = query::decode(canonical);
    if (!goes_as_sent) {
        forms.push_back(with_slashes_merged(read));
    }
    // Without dot segments, which servers resolve in different ways.
    const auto text = decoded(sent);
    if (text && path::same(query::decode(sent), read)) {
        std::string form = with_slashes_merged(*text);
        if (forms.empty() || form != forms.front()) {
            forms.push_back(std::move(form));
        }
    }
    return forms;
}

bool is_method(std::string_view method) noexcept {
    return !method.empty() && method.size() <= longest_method && method != "HEAD" &&
           std::all_of(method.begin(), method.end(), [](char c) { return (c >= 'A' && c <= 'Z') || c == '-'; });
}

std::string text_of(std::string_view method, std::string_view form) {
    std::string text(method == "HEAD" ? "GET" : method);
    text += ' ';
    text += form;
    return text;
}

std::uint64_t hash_of(std::uint64_t scope, std::string_view text) noexcept {
    constexpr std::uint64_t places = 0x706c61636573;  // apart from other uses of the scope
    return std::max<std::uint64_t>(1, siphash<2, 4>({scope, places}, text));
}

}  // namespace auth_gate::place
