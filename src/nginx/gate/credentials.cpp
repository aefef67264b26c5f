#include "nginx/gate/credentials.hpp"

#include "nginx/ngx/headers.hpp"

#include "core/base/ascii.hpp"
#include "core/http/request_traits.hpp"

#include <algorithm>

namespace auth_gate {

namespace {

// What another parser takes for white space around the scheme must not hide it here.
std::string_view scheme_of(std::string_view authorization) noexcept {
    const auto* first = std::find_if(authorization.begin(), authorization.end(), is_token_char);
    return {first, std::find_if_not(first, authorization.end(), is_token_char)};
}

}  // namespace

bool has_bearer(ngx_http_request_t* r) noexcept {
    bool found = false;
    each_header(r, [&](const ngx_table_elt_t& header) {
        found |= lower_name(header) == "authorization" && equal_ignoring_case(scheme_of(view(header.value)), "Bearer");
    });
    return found;
}

Credential bearer_credential(ngx_http_request_t* r, const LocationConf& conf) noexcept {
    if (!conf.jwt.sources->bearer || r->headers_in.authorization == nullptr) {
        return {};
    }
    if (count_headers(r, "authorization") != 1) {
        return {Credential::Kind::unusable, {}};
    }
    const std::string_view value = view(r->headers_in.authorization->value);
    const std::string_view scheme = scheme_of(value);
    if (!equal_ignoring_case(scheme, "Bearer")) {
        return {};
    }
    const std::size_t begin = value.find_first_not_of(' ', scheme.size());
    if (scheme.data() != value.data() || begin == scheme.size() || begin == std::string_view::npos) {
        return {Credential::Kind::unusable, {}};
    }
    return {Credential::Kind::jwt, value.substr(begin)};
}

Credential cookie_credential(ngx_http_request_t* r, const LocationConf& conf) noexcept {
    for (const std::string& wanted : conf.jwt.sources->cookies) {
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
