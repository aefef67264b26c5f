#include "route.hpp"

#include "conf.hpp"
#include "headers.hpp"

#include "core/request_kind.hpp"

namespace auth_gate {

bool is_public(ngx_http_request_t* r) {
    if (location_conf(r)->issues != nullptr) {
        return false;
    }
    const path::Rules* rules = server_conf(r)->public_rules;
    return rules != nullptr && rules->match(view(r->method_name), view(r->uri));
}

bool is_preflight(ngx_http_request_t* r) noexcept {
    return r->method == NGX_HTTP_OPTIONS &&
           is_preflight(view(r->method_name), find_header(r, "origin"),
                        find_header(r, "access-control-request-method"));
}

bool is_prefetch(ngx_http_request_t* r) noexcept {
    bool prefetch = false;
    each_header(r, [&](const ngx_table_elt_t& header) {
        const std::string_view name = lower_name(header);
        if (name == "sec-purpose" || name == "purpose" || name == "x-purpose" || name == "x-moz") {
            prefetch |= is_prefetch_purpose(view(header.value));
        } else if (name == "service-worker-navigation-preload") {
            prefetch = true;
        }
    });
    return prefetch;
}

bool is_page_navigation(ngx_http_request_t* r) noexcept {
    return is_page_navigation(view(r->method_name), find_header(r, "sec-fetch-mode"), find_header(r, "accept"),
                              find_header(r, "x-requested-with"));
}

websocket::Handshake websocket_handshake(ngx_http_request_t* r) noexcept {
    if (r->headers_in.upgrade == nullptr) {
        return websocket::Handshake::none;
    }
    return websocket::classify({
        .method = view(r->method_name),
        .http11 = r->http_version == NGX_HTTP_VERSION_11,
        .upgrade = view(r->headers_in.upgrade->value),
        .connection = find_header(r, "connection"),
        .key = find_header(r, "sec-websocket-key"),
        .version = find_header(r, "sec-websocket-version"),
    });
}

}  // namespace auth_gate
