#include "core/http/query.hpp"

#include "core/base/ascii.hpp"
#include "core/base/crypto.hpp"
#include "core/base/percent.hpp"

#include <algorithm>
#include <optional>

namespace auth_gate::query {

namespace {

constexpr std::string_view odd_separators = ";?# \t";

// "%u" and four digits, which IIS decodes. Empty for any other text.
std::optional<unsigned> unescaped_unit(std::string_view text, std::size_t at) noexcept {
    if (text.size() - at < 6 || text[at] != '%' || lower(text[at + 1]) != 'u') {
        return std::nullopt;
    }
    const char escapes[] = {'%', text[at + 2], text[at + 3], '%', text[at + 4], text[at + 5]};
    const auto high = percent::unescaped({escapes, 6}, 0), low = percent::unescaped({escapes, 6}, 3);
    if (!high || !low) {
        return std::nullopt;
    }
    return static_cast<unsigned char>(*high) * 256u + static_cast<unsigned char>(*low);
}

void append_utf8(std::string& out, unsigned unit) {
    if (unit < 0x80) {
        out += static_cast<char>(unit);
    } else if (unit < 0x800) {
        out += {static_cast<char>(0xc0 | unit >> 6), static_cast<char>(0x80 | (unit & 0x3f))};
    } else {
        out += {static_cast<char>(0xe0 | unit >> 12), static_cast<char>(0x80 | (unit >> 6 & 0x3f)),
                static_cast<char>(0x80 | (unit & 0x3f))};
    }
}

// To lower case, with the letters that Unicode and code pages fold to ASCII ones: the Kelvin sign and full-width
// letters.
std::string fold(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::string_view lead = text.substr(i, 2);
        const int last = text.size() - i > 2 ? static_cast<unsigned char>(text[i + 2]) : 0;
        const auto letter = [&](int first) { return static_cast<char>('a' + last - first); };
        if (lead == "\xe2\x84" && last == 0xaa) {
            out += 'k';
        } else if (lead == "\xef\xbc" && last >= 0xa1 && last <= 0xba) {
            out += letter(0xa1);
        } else if (lead == "\xef\xbd" && last >= 0x81 && last <= 0x9a) {
            out += letter(0x81);
        } else {
            out += lower(text[i]);
            continue;
        }
        i += 2;
    }
    return out;
}

}  // namespace

std::string decode_lenient(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (const auto unit = unescaped_unit(text, i)) {
            append_utf8(out, *unit);
            i += 5;
        } else if (const auto byte = percent::unescaped(text, i)) {
            out += *byte;
            i += 2;
        } else {
            out += text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

bool Parameter::is_named(std::string_view wanted) const {
    return name == wanted || Decoded(name) == wanted;
}

std::string decode(std::string_view text) {
    if (text.find('%') == std::string_view::npos) {
        return std::string(text);
    }
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (const auto byte = percent::unescaped(text, i)) {
            out += *byte;
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

Decoded::Decoded(std::string_view raw) : text_(raw) {
    if (raw.find('%') != std::string_view::npos) {
        copy_ = decode(raw);
        text_ = copy_;
    }
}

Decoded::~Decoded() {
    wipe(copy_);
}

std::string_view parameters_of(std::string_view url) noexcept {
    const std::size_t begin = std::min({url.find('?'), url.find(';'), url.find('#')});
    return begin == std::string_view::npos ? std::string_view() : url.substr(begin + 1);
}

std::size_t find_separator(std::string_view text, std::size_t begin) noexcept {
    while (begin < text.size() && text[begin] != '&' && odd_separators.find(text[begin]) == std::string_view::npos) {
        ++begin;
    }
    return begin;
}

// A search for one character is faster than one for any of several.
bool has_odd_separator(std::string_view text) noexcept {
    return std::any_of(odd_separators.begin(), odd_separators.end(),
                       [&](char c) { return text.find(c) != std::string_view::npos; });
}

bool may_mean(std::string_view raw_name, std::string_view wanted) {
    if (raw_name == wanted) {
        return true;
    }
    if (raw_name.size() < wanted.size()) {
        return false;
    }
    const std::string folded = fold(decode_lenient(raw_name));
    constexpr auto white = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
    constexpr std::string_view marks = "[].";
    std::string_view name = folded;
    name = name.substr(static_cast<std::size_t>(std::find_if_not(name.begin(), name.end(), white) - name.begin()));
    name = name.substr(std::min(name.find_first_not_of(marks), name.size()));
    name = name.substr(0, std::min(name.find_first_of(marks), name.find('\0')));
    while (!name.empty() && white(name.back())) {
        name.remove_suffix(1);
    }
    return name == wanted;
}

std::string without(std::string_view args, std::string_view name) {
    return without_if(args, [name](const Parameter& parameter) { return parameter.is_named(name); });
}

void mask(std::span<char> args, std::string_view name, Wanted wanted) {
    each({args.data(), args.size()}, name, [&](std::string_view value) {
        if (wanted(Decoded(value))) {
            const auto at = static_cast<std::size_t>(value.data() - args.data());
            std::fill_n(args.begin() + static_cast<std::ptrdiff_t>(at), value.size(), '*');
        }
    });
}

void mask_in_url(std::span<char> url, std::string_view name, Wanted wanted) {
    const std::string_view all(url.data(), url.size());
    for (std::size_t mark = all.find('?'); mark != std::string_view::npos;) {
        const std::size_t next = all.find('?', mark + 1);
        // Three searches for one character are faster than one find_first_of(). They stop at the next '?': otherwise a
        // text with many would take quadratic time.
        const std::string_view query = all.substr(mark + 1, std::min(next, all.size()) - mark - 1);
        const std::size_t size = std::min({query.find('#'), query.find(' '), query.find('\t'), query.size()});
        mask(url.subspan(mark + 1, size), name, wanted);
        mark = next;
    }
}

}  // namespace auth_gate::query
