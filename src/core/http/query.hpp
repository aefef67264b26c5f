// The query of a URL: find a parameter, take it out, cover its value.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace auth_gate::query {

// Percent-decodes once. What is no proper escape stays as it is; '+' stays '+'.
std::string decode(std::string_view text);

// A text percent-decoded once. Views the raw text where that is the decoded one; else it has a copy, and wipes it.
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

    // Exactly, after percent-decoding.
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

// `args` without the parameters called `name`, everything else to the letter.
std::string without(std::string_view args, std::string_view name);

// Whether a parameter's decoded value is one to cover.
using Wanted = bool (*)(std::string_view);

// Overwrites with '*', in place, the wanted values of the parameters called `name`.
void mask(std::span<char> args, std::string_view name, Wanted wanted);

// The same in every query of a text that has a URL in it, such as a Referer.
void mask_in_url(std::span<char> url, std::string_view name, Wanted wanted);

}  // namespace auth_gate::query
