#include "credentials.hpp"

#include "headers.hpp"

#include "core/ascii.hpp"
#include "core/request_kind.hpp"

#include <algorithm>

namespace auth_gate {

Credential bearer_credential(ngx_http_request_t* r, const LocationConf& conf) noexcept {
    if (!conf.sources->bearer || r->headers_in.authorization == nullptr) {
        return {};
    }
    if (count_headers(r, "authorization") != 1) {
        return {Credential::Kind::unusable, {}};
    }
    const std::string_view value = view(r->headers_in.authorization->value);
    // What another parser takes for white space around the scheme must not hide it here.
    const auto* first = std::find_if(value.begin(), value.end(), is_token_char);
    const auto* last = std::find_if_not(first, value.end(), is_token_char);
    if (!equal_ignoring_case({first, last}, "Bearer")) {
        return {};
    }
    const std::size_t begin = value.find_first_not_of(' ', static_cast<std::size_t>(last - value.begin()));
    if (first != value.begin() || last == value.end() || *last != ' ' || begin == std::string_view::npos) {
        return {Credential::Kind::unusable, {}};
    }
    return {Credential::Kind::jwt, value.substr(begin)};
}

Credential cookie_credential(ngx_http_request_t* r, const LocationConf& conf) noexcept {
    for (const std::string& wanted : conf.sources->cookies) {
        Credential found;
        each_header(r, [&](const ngx_table_elt_t& header) {
            if (lower_name(header) != "cookie") {
                return;
            }
            each_cookie(view(header.value), [&](std::string_view, std::string_view name, std::string_view value) {
                if (name != wanted) {
                    return;
                }
                if (found.kind == Credential::Kind::none) {
                    found = {Credential::Kind::jwt, value, wanted};
                } else if (found.text != value) {
                    found.kind = Credential::Kind::unusable;
                }
            });
        });
        if (found.kind != Credential::Kind::none) {
            return found;
        }
    }
    return {};
}

}  // namespace auth_gate
