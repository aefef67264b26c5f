#include "core/http/query.hpp"

#include "core/base/crypto.hpp"
#include "core/base/percent.hpp"

#include <algorithm>

namespace auth_gate::query {

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

std::string without(std::string_view args, std::string_view name) {
    std::string out;
    bool first = true;
    each(args, [&](const Parameter& parameter) {
        if (parameter.is_named(name)) {
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
