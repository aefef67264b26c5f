// The query of a URL: finding parameters, removing them, masking their values.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

namespace auth_gate::query {

// Percent-decodes once. Malformed escapes and '+' stay as they are.
std::string decode(std::string_view text);

// The same for "%u0074", too, as some parsers do.
std::string decode_lenient(std::string_view text);

// A text percent-decoded once. Without a '%' it is a view of the raw text; otherwise a copy, wiped on destruction.
class Decoded {
public:
    explicit Decoded(std::string_view raw);
    ~Decoded();
    Decoded(const Decoded&) = delete;
    Decoded& operator=(const Decoded&) = delete;

    operator std::string_view() const noexcept { return text_; }

private:
    std::string copy_;
    std::string_view text_;
};

struct Parameter {
    std::string_view whole;
    std::string_view name;   // raw
    std::string_view value;  // raw; empty for "name" and "name="

    // Compares the percent-decoded name, case-sensitively.
    bool is_named(std::string_view wanted) const;
};

// Calls found(Parameter) for each parameter, in order, with views into `args`.
template <typename Found>
void each(std::string_view args, Found&& found) {
    for (std::size_t begin = 0; begin <= args.size();) {
        std::size_t end = args.find('&', begin);
        if (end == std::string_view::npos) {
            end = args.size();
        }
        const std::string_view whole = args.substr(begin, end - begin);
        const std::size_t equals = whole.find('=');
        found(Parameter{whole, whole.substr(0, equals),
                        equals == std::string_view::npos ? whole.substr(whole.size()) : whole.substr(equals + 1)});
        begin = end + 1;
    }
}

// Calls found(value) with the raw value of each parameter called `name`.
template <typename Found>
void each(std::string_view args, std::string_view name, Found&& found) {
    each(args, [&](const Parameter& parameter) {
        if (parameter.is_named(name)) {
            found(parameter.value);
        }
    });
}

// What may be parameters in a URL or request line: all that follows the first "?", ";" or "#".
std::string_view parameters_of(std::string_view url) noexcept;

// The first separator of parameters, by any parser, from `begin`; the text's size if there is none. Some split at ";";
// naive ones look behind another "?" or a "#". White space ends a URL.
std::size_t find_separator(std::string_view text, std::size_t begin) noexcept;

// Whether there is a separator other than "&".
bool has_odd_separator(std::string_view text) noexcept;

// As each(), for whatever some parser may take for a parameter.
template <typename Found>
void each_lenient(std::string_view text, Found&& found) {
    if (!has_odd_separator(text)) {
        each(text, found);
        return;
    }
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = find_separator(text, begin);
        each(text.substr(begin, end - begin), found);
        begin = end + 1;
    }
}

// Whether some parser takes a raw name for `wanted`, which is in lower case. Parsers ignore letter case, white space
// around a name, brackets and dots ("token[]", "[token]", "token.x") and what follows a NUL; they decode "%u0074"; and
// they fold letters like the Kelvin sign to ASCII.
bool may_mean(std::string_view raw_name, std::string_view wanted);

// `args` without the parameters called `name`. All other bytes are kept.
std::string without(std::string_view args, std::string_view name);

// `args` without the parameters for which unwanted(Parameter) returns true. All other bytes are kept.
template <typename Unwanted>
std::string without_if(std::string_view args, Unwanted&& unwanted) {
    std::string out;
    bool first = true;
    each(args, [&](const Parameter& parameter) {
        if (unwanted(parameter)) {
            return;
        }
        if (!first) {
            out += '&';
        }
        first = false;
        out += parameter.whole;
    });
    return out;
}

// As without_if(), without each one in which some parser may read one that is unwanted.
template <typename Unwanted>
std::string without_any(std::string_view args, Unwanted&& unwanted) {
    return without_if(args, [&](const Parameter& parameter) {
        bool found = false;
        each_lenient(parameter.whole, [&](const Parameter& read) { found = found || unwanted(read); });
        return found;
    });
}

// Whether to mask a parameter, by its decoded value.
using Wanted = bool (*)(std::string_view);

// Overwrites with '*', in place, the values of parameters called `name` for which `wanted` returns true.
void mask(std::span<char> args, std::string_view name, Wanted wanted);

// Overwrites with '*', in place, what part_of(Parameter) returns of each parameter, for whatever some parser may take
// for one.
template <typename PartOf>
void mask_lenient(std::span<char> text, PartOf&& part_of) {
    each_lenient({text.data(), text.size()}, [&](const Parameter& parameter) {
        const std::string_view part = part_of(parameter);
        if (!part.empty()) {
            std::fill_n(text.begin() + (part.data() - text.data()), part.size(), '*');
        }
    });
}

// As mask(), for every query in a text that contains URLs, such as a Referer.
void mask_in_url(std::span<char> url, std::string_view name, Wanted wanted);

}  // namespace auth_gate::query
