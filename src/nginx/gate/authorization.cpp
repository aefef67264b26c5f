#include "nginx/gate/authorization.hpp"

#include "nginx/ngx/headers.hpp"

#include "core/base/ascii.hpp"
#include "core/http/request_traits.hpp"
#include "core/jwt/hidden_session.hpp"

#include <algorithm>
#include <string>

namespace auth_gate {

namespace {

// nginx's decoder ends at the first "=", and a lenient one may go on behind it.
bool ends_at_padding(std::string_view text) noexcept {
    const std::size_t padding = std::min(text.find('='), text.size());
    return text.size() - padding <= 2 && text.find_first_not_of('=', padding) == std::string_view::npos;
}

bool is_base64(std::string_view text) {
    std::string decoded(ngx_base64_decoded_length(text.size()), '\0');
    ngx_str_t from = borrowed(text);
    ngx_str_t to = {decoded.size(), bytes(decoded.data())};
    return ends_at_padding(text) && ngx_decode_base64(&to, &from) == NGX_OK;
}

bool is_scheme(std::string_view authorization, std::string_view name) noexcept {
    return equal_ignoring_case(scheme_of(authorization), name);
}

// What only a lenient decoder reads of Basic may be a session.
bool may_hide_session(std::string_view authorization) {
    if (jwt::may_hide_session(authorization)) {
        return true;
    }
    if (!is_scheme(authorization, "Basic")) {
        return false;
    }
    const std::string_view scheme = scheme_of(authorization);
    const std::size_t end = static_cast<std::size_t>(scheme.data() + scheme.size() - authorization.data());
    const std::size_t begin = std::min(authorization.find_first_not_of(' ', end), authorization.size());
    return !is_base64(authorization.substr(begin));
}

}  // namespace

std::string_view scheme_of(std::string_view authorization) noexcept {
    constexpr std::string_view usual = "Bearer ";
    if (authorization.starts_with(usual)) {
        return authorization.substr(0, usual.size() - 1);
    }
    const auto* first = std::find_if(authorization.begin(), authorization.end(), is_token_char);
    return {first, std::find_if_not(first, authorization.end(), is_token_char)};
}

// HTTP's own ways to log in name no session, but some applications take a JWT for a password.
bool is_other_login(std::string_view authorization) {
    return (is_scheme(authorization, "Basic") || is_scheme(authorization, "Digest")) &&
           !may_hide_session(authorization);
}

bool may_authorize_session(ngx_http_request_t* r) {
    bool found = false;
    each_header(r, [&](const ngx_table_elt_t& header) {
        found |= lower_name(header) == "authorization" && !is_other_login(view(header.value));
    });
    return found;
}

const ngx_table_elt_t* opaque_authorization(ngx_http_request_t* r) {
    const ngx_table_elt_t* header = r->headers_in.authorization;
    const bool may_be =
        header != nullptr && !trimmed(view(header->value)).empty() && count_headers(r, "authorization") == 1;
    return may_be && !may_hide_session(view(header->value)) ? header : nullptr;
}

bool is_sent_by_browsers(std::string_view authorization) noexcept {
    static constexpr std::string_view schemes[] = {"Basic", "Digest", "Negotiate", "NTLM"};
    return std::any_of(std::begin(schemes), std::end(schemes),
                       [&](std::string_view name) { return is_scheme(authorization, name); });
}

}  // namespace auth_gate
