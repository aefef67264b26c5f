#include "nginx/jwt/session_cookies.hpp"

#include "nginx/conf/conf.hpp"
#include "nginx/ngx/headers.hpp"

#include "core/http/cookie.hpp"
#include "core/jwt/session_cookie.hpp"

#include <algorithm>
#include <string>

namespace auth_gate {

namespace {

// Calls f(segment) for each part of each Cookie header.
template <typename F>
void each_segment(ngx_http_request_t* r, F&& f) {
    each_header(r, [&](const ngx_table_elt_t& header) {
        if (lower_name(header) == "cookie") {
            cookie::each_segment(view(header.value), [&](std::string_view segment) { f(segment); });
        }
    });
}

template <typename F>
void each_place(std::string_view segment, std::string_view name, F&& f) {
    cookie::Places places(segment, name);
    while (const auto value = places.next()) {
        f(*value);
    }
}

bool has_session(std::string_view segment, const std::vector<std::string>& names) {
    return std::any_of(names.begin(), names.end(),
                       [&](const std::string& name) { return cookie::stands_in(segment, name); });
}

struct Filtered {
    std::string left;  // of all Cookie headers, as one
    bool found = false;
    bool removed = false;
};

// Leaves out all segments with a session but the first one that is `kept`.
Filtered filter_segments(ngx_http_request_t* r, const std::vector<std::string>& names, const Credential& kept) {
    Filtered filtered;
    each_segment(r, [&](std::string_view segment) {
        const bool is_kept =
            !filtered.found && kept.is_cookie() && cookie::exact_value(segment, kept.place.name) == kept.text;
        filtered.found |= is_kept;
        if (!is_kept && has_session(segment, names)) {
            filtered.removed = true;
        } else if (!segment.empty()) {
            filtered.left += filtered.left.empty() ? "" : "; ";
            filtered.left += segment;
        }
    });
    return filtered;
}

}  // namespace

bool has_session_cookie(ngx_http_request_t* r, const std::vector<std::string>& names) {
    bool found = false;
    each_segment(r, [&](std::string_view segment) { found |= has_session(segment, names); });
    return found;
}

Credential cookie_credential(ngx_http_request_t* r, const LocationConf& conf) {
    for (const std::string& wanted : conf.jwt.sources->cookies) {
        Credential found;
        std::size_t places = 0;
        each_segment(r, [&](std::string_view segment) {
            if (const auto value = cookie::exact_value(segment, wanted);
                value && found.kind == Credential::Kind::none) {
                found = {.kind = Credential::Kind::jwt, .text = *value, .place = {jwt::PlaceKind::cookie, wanted}};
            }
            each_place(segment, wanted, [&](std::string_view) { ++places; });
        });
        if (found.kind != Credential::Kind::none) {
            found.several = places > 1;
            return found;
        }
    }
    return {};
}

std::optional<std::vector<std::string_view>> session_values(ngx_http_request_t* r, std::string_view name) {
    std::vector<std::string_view> values;
    values.reserve(most_session_cookies + 1);
    each_segment(r, [&](std::string_view segment) {
        each_place(segment, name, [&](std::string_view value) {
            const bool is_new = !value.empty() && std::find(values.begin(), values.end(), value) == values.end();
            if (is_new && values.size() <= most_session_cookies) {
                values.push_back(value);
            }
        });
    });
    if (values.size() > most_session_cookies) {
        return std::nullopt;
    }
    return values;
}

std::optional<std::string> cookies_to_pass_on(ngx_http_request_t* r, const LocationConf& conf, const Credential& kept) {
    const std::vector<std::string>& names = conf.jwt.places->cookies;
    const bool several_headers = has_several_cookie_headers(r);
    const bool may_stay = kept.is_cookie() ? !kept.several && names.size() == 1 : names.empty();
    if (may_stay && !several_headers) {
        return std::nullopt;
    }
    Filtered filtered = filter_segments(r, names, kept);
    if (kept.is_cookie() && !filtered.found) {
        // The gate found the session where RFC 6265 has none.
        std::string session = std::string(kept.place.name) + '=' + std::string(kept.text);
        return filtered.left.empty() ? session : session + "; " + filtered.left;
    }
    return filtered.removed || several_headers ? std::optional(std::move(filtered.left)) : std::nullopt;
}

void keep_only_session_cookie(ngx_http_request_t* r, const LocationConf& conf, const Credential& kept) {
    if (const auto cookies = cookies_to_pass_on(r, conf, kept)) {
        set_cookies(r, *cookies);
    }
}

void add_session_cookie(ngx_http_request_t* r, std::string_view name, std::string_view value) {
    std::string cookies = filter_segments(r, {std::string(name)}, {}).left;
    cookies += cookies.empty() ? "" : "; ";
    cookies.append(name).append("=").append(value);
    set_cookies(r, cookies);
}

}  // namespace auth_gate
