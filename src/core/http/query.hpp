// The query of a URL: finding parameters, removing them, masking their values.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace auth_gate::query {

// Percent-decodes once. Malformed escapes and '+' stay as they are.
std::string decode(std::string_view text);

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

// `args` without the parameters called `name`. All other bytes are kept.
std::string without(std::string_view args, std::string_view name);

// Whether to mask a parameter, by its decoded value.
using Wanted = bool (*)(std::string_view);

// Overwrites with '*', in place, the values of parameters called `name` for which `wanted` returns true.
void mask(std::span<char> args, std::string_view name, Wanted wanted);

// As mask(), for every query in a text that contains URLs, such as a Referer.
void mask_in_url(std::span<char> url, std::string_view name, Wanted wanted);

}  // namespace auth_gate::query
