#include "core/http/return_path.hpp"

#include "core/base/ascii.hpp"
#include "core/base/percent.hpp"
#include "core/http/path.hpp"

#include <algorithm>

namespace auth_gate {

namespace {

bool is_control(char c) noexcept {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
}

bool is_safe_path(std::string_view decoded) noexcept {
    return decoded.starts_with('/') && !path::has_empty_segment(decoded) &&
           std::none_of(decoded.begin(), decoded.end(), [](char c) { return c == '\\' || is_control(c); });
}

std::string visible(std::string_view raw) {
    return percent::escape(raw, [](char c) { return c > 0x20 && c < 0x7f && c != '\\'; });
}

}  // namespace

std::string return_path(std::string_view target, std::string_view secret, query::Wanted is_credential) {
    target = target.substr(0, target.find('#'));
    const std::size_t mark = std::min(target.find('?'), target.size());
    const std::string_view path = target.substr(0, mark);
    const auto is_secret = [&](const query::Parameter& parameter) {
        return query::may_mean(parameter.name, secret) || is_credential(query::Decoded(parameter.value)) ||
               is_credential(query::Decoded(parameter.whole));
    };
    // Some parsers read parameters behind a ";" of the path.
    bool has_secret = false;
    query::each_lenient(query::parameters_of(path), [&](const query::Parameter& p) { has_secret |= is_secret(p); });
    if (has_secret || is_credential(query::Decoded(path)) || !is_safe_path(query::decode(path))) {
        return "/";
    }
    const std::string query =
        query::without_any(target.substr(std::min(mark + 1, target.size())), [&](const query::Parameter& parameter) {
            const query::Decoded whole(parameter.whole);
            const std::string_view text = whole;
            return is_secret(parameter) || std::any_of(text.begin(), text.end(), is_control);
        });
    return visible(path) + (query.empty() ? "" : "?" + visible(query));
}

}  // namespace auth_gate
