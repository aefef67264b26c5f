#include "core/http/path.hpp"

#include "core/base/ascii.hpp"
#include "core/base/percent.hpp"
#include "core/http/query.hpp"

#include <algorithm>

namespace auth_gate::path {

namespace {

// Converts to lower case and merges slashes. Writes to `out`, which must hold path.size() bytes; returns the new size.
std::size_t fold(std::string_view path, char* out) noexcept {
    std::size_t size = 0;
    for (char c : path) {
        if (c != '/' || size == 0 || out[size - 1] != '/') {
            out[size++] = lower(c);
        }
    }
    return size;
}

std::string folded(std::string_view path) {
    std::string out(path.size(), '\0');
    out.resize(fold(path, out.data()));
    return out;
}

std::string_view without_final_slash(std::string_view path) noexcept {
    return path.size() > 1 && path.back() == '/' ? path.substr(0, path.size() - 1) : path;
}

bool is_plain(char c) noexcept {
    return percent::is_unreserved(c) || std::string_view("/!$&'()*+,=:@").find(c) != std::string_view::npos;
}

bool has_dot_segment(std::string_view path) noexcept {
    for (std::size_t begin = 0; begin < path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        const std::string_view segment = path.substr(begin, end - begin);
        if (segment == "." || segment == "..") {
            return true;
        }
        begin = end + 1;
    }
    return false;
}

// A '*' that is not a whole segment.
bool has_partial_star(std::string_view path) noexcept {
    for (std::size_t star = path.find('*'); star != std::string_view::npos; star = path.find('*', star + 1)) {
        if (star == 0 || path[star - 1] != '/' || star + 1 == path.size() || path[star + 1] != '/') {
            return true;
        }
    }
    return false;
}

// What stands for '*': nothing that some server reads as two segments, as none or as one of dots. So no "%" (escapes
// within escapes), no bytes beyond ASCII (which have forms of "/" and "."), no white space, no dots alone.
bool is_one_segment(std::string_view decoded) noexcept {
    return decoded.find_first_not_of('.') != std::string_view::npos &&
           std::all_of(decoded.begin(), decoded.end(), [](char c) { return c != '/' && is_plain(c); });
}

// Some applications take an encoded slash for data: it divides nothing.
std::string decode_all_but_slashes(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = percent::unescaped(text, i);
        if (byte && *byte != '/') {
            out += *byte;
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

}  // namespace

bool is_ambiguous(std::string_view raw) noexcept {
    for (std::size_t i = 0; i < raw.size(); ++i) {
        char c = raw[i];
        if (c == '%') {
            c = percent::unescaped(raw, i).value_or(c);
        }
        const auto byte = static_cast<unsigned char>(c);
        if (c == ';' || c == '\\' || byte < 0x20 || byte == 0x7f) {
            return true;
        }
    }
    return false;
}

bool has_empty_segment(std::string_view decoded) noexcept {
    return decoded.find("//") != std::string_view::npos;
}

bool reads_as(std::string_view raw, std::string_view decoded) {
    for (std::size_t i = raw.find('%'); i != std::string_view::npos; i = raw.find('%', i + 1)) {
        const std::string byte = query::decode(raw.substr(i, 3));
        if (raw.size() - i < 3 || byte.size() != 1 || byte[0] == '/' || percent::is_unreserved(byte[0])) {
            return false;
        }
    }
    return query::decode(raw) == decoded;
}

std::string escape(std::string_view decoded) {
    return percent::escape(decoded, is_plain);
}

std::string of_url(std::string_view url) {
    url = url.substr(0, url.find_first_of("?#"));
    if (const std::size_t scheme = url.find("://"); scheme != std::string_view::npos) {
        url = url.substr(std::min(url.find('/', scheme + 3), url.size()));
    }
    const std::string path = query::decode(url);
    std::string resolved;
    for (std::size_t begin = 0; begin < path.size();) {
        const std::size_t end = std::min(path.find('/', begin + 1), path.size());
        const std::string_view segment = std::string_view(path).substr(begin, end - begin);
        if (segment == "/..") {
            resolved.erase(std::min(resolved.rfind('/'), resolved.size()));
        } else if (segment != "/.") {
            resolved += segment;
        }
        begin = end;
    }
    return resolved.empty() ? "/" : resolved;
}

bool same(std::string_view a, std::string_view b) noexcept {
    const auto skip_slashes = [](std::string_view path, std::size_t& at) {
        const std::size_t begin = at;
        while (at < path.size() && path[at] == '/') {
            ++at;
        }
        return at != begin;
    };
    std::size_t i = 0;
    std::size_t j = 0;
    while (true) {
        const bool slash_in_a = skip_slashes(a, i);
        const bool slash_in_b = skip_slashes(b, j);
        if (i == a.size() || j == b.size()) {
            return i == a.size() && j == b.size();
        }
        if (slash_in_a != slash_in_b || lower(a[i++]) != lower(b[j++])) {
            return false;
        }
    }
}

bool Rules::add(std::string_view method, std::string_view path) {
    const bool prefix = path.ends_with('*');
    if (prefix) {
        path.remove_suffix(1);
    }
    const bool any_segment = path.find('*') != std::string_view::npos;
    if (!path.starts_with('/') || path.find_first_of("?#") != std::string_view::npos || has_dot_segment(path) ||
        query::decode(path) != path || ((prefix || any_segment) && is_ambiguous(path)) || has_partial_star(path)) {
        return false;
    }
    std::string text = folded(path);
    if (!prefix) {
        text = std::string(without_final_slash(text));
    }
    list_.push_back({std::string(method), std::move(text), prefix, any_segment});
    return true;
}

bool Rules::match(std::string_view method, std::string_view decoded) const {
    if (list_.empty()) {
        return false;
    }
    // Runs on every request. Short paths, which most are, need no allocation.
    char buffer[512];
    std::string long_path;
    std::string_view path;
    if (decoded.size() <= sizeof(buffer)) {
        path = {buffer, fold(decoded, buffer)};
    } else {
        long_path = folded(decoded);
        path = long_path;
    }
    return std::any_of(list_.begin(), list_.end(),
                       [&](const Rule& rule) { return rule.covers_method(method) && rule.covers_path(path); });
}

bool Rules::match_as_sent(std::string_view method, std::string_view decoded, std::string_view sent) const {
    const bool is_clear = !is_ambiguous(sent) && !is_ambiguous(decoded) && !has_dot_segment(query::decode(sent));
    const bool is_divided_alike = is_clear && !has_empty_segment(sent);
    const std::string forms[] = {folded(decoded), folded(decode_all_but_slashes(sent))};
    return std::any_of(list_.begin(), list_.end(), [&](const Rule& rule) {
        return rule.covers_method(method) && (is_clear || !rule.prefix) && (is_divided_alike || !rule.any_segment) &&
               std::all_of(std::begin(forms), std::end(forms),
                           [&](std::string_view form) { return rule.covers_path(form); });
    });
}

bool Rules::Rule::covers_method(std::string_view wanted) const noexcept {
    return method == "*" || method == wanted || (method == "GET" && wanted == "HEAD");
}

bool Rules::Rule::covers_path(std::string_view folded) const noexcept {
    std::string_view wanted = path;
    std::string_view rest = prefix ? folded : without_final_slash(folded);
    for (std::size_t star = any_segment ? wanted.find('*') : std::string_view::npos; star != std::string_view::npos;
         star = wanted.find('*')) {
        const std::size_t end = rest.size() < star ? rest.size() : std::min(rest.find('/', star), rest.size());
        if (!rest.starts_with(wanted.substr(0, star)) || !is_one_segment(rest.substr(star, end - star))) {
            return false;
        }
        wanted.remove_prefix(star + 1);
        rest.remove_prefix(end);
    }
    return prefix ? rest.starts_with(wanted) : rest == wanted;
}

}  // namespace auth_gate::path
