#include "query.hpp"

#include <algorithm>

namespace auth_gate::query {

namespace {

int hex_value(char c) noexcept {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

struct Parameter {
    std::string_view whole;
    std::string_view name;
    std::string_view value;
};

template <typename F>
void each_parameter(std::string_view args, F&& f) {
    for (std::size_t begin = 0; begin <= args.size();) {
        std::size_t end = args.find('&', begin);
        if (end == std::string_view::npos) {
            end = args.size();
        }
        const std::string_view whole = args.substr(begin, end - begin);
        const std::size_t equals = whole.find('=');
        f(Parameter{whole, whole.substr(0, equals),
                    equals == std::string_view::npos ? whole.substr(whole.size()) : whole.substr(equals + 1)});
        begin = end + 1;
    }
}

bool is_named(std::string_view raw, std::string_view name) {
    if (raw.find('%') == std::string_view::npos) {
        return raw == name;
    }
    return decode(raw) == name;
}

}  // namespace

std::string decode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            const int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
            if (high >= 0 && low >= 0) {
                out += static_cast<char>(high << 4 | low);
                i += 2;
                continue;
            }
        }
        out += text[i];
    }
    return out;
}

void each(std::string_view args, std::string_view name, const std::function<void(std::string_view)>& found) {
    each_parameter(args, [&](const Parameter& parameter) {
        if (is_named(parameter.name, name)) {
            found(parameter.value);
        }
    });
}

std::string without(std::string_view args, std::string_view name) {
    std::string out;
    bool first = true;
    each_parameter(args, [&](const Parameter& parameter) {
        if (is_named(parameter.name, name)) {
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

void mask(std::span<char> args, std::string_view name, const Wanted& wanted) {
    each({args.data(), args.size()}, name, [&](std::string_view value) {
        if (wanted(decode(value))) {
            const auto at = static_cast<std::size_t>(value.data() - args.data());
            std::fill_n(args.begin() + static_cast<std::ptrdiff_t>(at), value.size(), '*');
        }
    });
}

void mask_in_url(std::span<char> url, std::string_view name, const Wanted& wanted) {
    const std::string_view all(url.data(), url.size());
    for (std::size_t mark = all.find('?'); mark != std::string_view::npos; mark = all.find('?', mark + 1)) {
        const std::size_t end = std::min(all.find_first_of("# \t?", mark + 1), all.size());
        mask(url.subspan(mark + 1, end - mark - 1), name, wanted);
    }
}

}  // namespace auth_gate::query
