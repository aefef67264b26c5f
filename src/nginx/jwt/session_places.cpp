#include "nginx/jwt/session_places.hpp"

#include "nginx/conf/directive_arguments.hpp"

#include "core/base/ascii.hpp"
#include "core/http/request_traits.hpp"

#include <algorithm>
#include <string>

namespace auth_gate {

namespace {

using Kind = jwt::PlaceKind;

bool is_token(std::string_view text) noexcept {
    return !text.empty() && text.size() <= jwt::SessionCopy::longest_name &&
           std::all_of(text.begin(), text.end(), is_token_char);
}

// nginx keeps pointers to these, and reads some before the gate has a say. Others rule the connection.
bool is_own_header(std::string_view name) noexcept {
    static constexpr std::string_view more[] = {"proxy-authorization", "set-cookie", "te", "trailer"};
    for (const ngx_http_header_t* header = ngx_http_headers_in; header->name.len != 0; ++header) {
        if (equal_ignoring_case(view(header->name), name)) {
            return true;
        }
    }
    return std::find(std::begin(more), std::end(more), name) != std::end(more);
}

std::optional<std::string_view> behind(std::string_view text, std::string_view prefix) noexcept {
    return text.starts_with(prefix) ? std::optional(text.substr(prefix.size())) : std::nullopt;
}

}  // namespace

std::optional<ConfiguredPlace> session_place(std::string_view text) {
    if (text == "bearer") {
        return ConfiguredPlace{Kind::bearer, "Bearer"};
    }
    if (const auto scheme = behind(text, "bearer:"); scheme && is_token(*scheme)) {
        return ConfiguredPlace{Kind::bearer, std::string(*scheme)};
    }
    if (const auto header = behind(text, "header:"); header && is_token(*header)) {
        std::string name = lowered(*header);
        return is_own_header(name) ? std::nullopt : std::optional(ConfiguredPlace{Kind::header, std::move(name)});
    }
    if (const auto cookie = cookie_name(text); cookie && cookie->size() <= jwt::SessionCopy::longest_name) {
        return ConfiguredPlace{Kind::cookie, std::string(*cookie)};
    }
    return std::nullopt;
}

}  // namespace auth_gate
