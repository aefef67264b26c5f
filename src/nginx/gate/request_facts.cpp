#include "nginx/gate/request_facts.hpp"

#include "nginx/conf/conf.hpp"
#include "nginx/ngx/headers.hpp"

#include "core/http/request_traits.hpp"

namespace auth_gate {

namespace {

// Several lines of one name are one list (RFC 9110, 5.3).
std::string joined_headers(ngx_http_request_t* r, std::string_view name) {
    std::string all;
    each_header(r, [&](const ngx_table_elt_t& header) {
        if (lower_name(header) == name) {
            all += all.empty() ? "" : ",";
            all += view(header.value);
        }
    });
    return all;
}

}  // namespace

bool is_public(ngx_http_request_t* r) {
    if (location_conf(r)->token.issues != nullptr) {
        return false;
    }
    const path::Rules* rules = server_conf(r)->public_rules;
    return rules != nullptr && rules->match(view(r->method_name), view(r->uri));
}

bool is_preflight(ngx_http_request_t* r) noexcept {
    return r->method == NGX_HTTP_OPTIONS && is_preflight(view(r->method_name), find_header(r, "origin"),
                                                         find_header(r, "access-control-request-method"));
}

bool is_fetched_ahead(ngx_http_request_t* r) noexcept {
    bool ahead = false;
    each_header(r, [&](const ngx_table_elt_t& header) {
        const std::string_view name = lower_name(header);
        if (name == "sec-purpose" || name == "purpose" || name == "x-purpose" || name == "x-moz") {
            ahead |= is_prefetch_purpose(view(header.value));
        }
    });
    return ahead;
}

bool is_prefetch(ngx_http_request_t* r) noexcept {
    return is_fetched_ahead(r) || count_headers(r, "service-worker-navigation-preload") != 0;
}

bool is_page_navigation(ngx_http_request_t* r) noexcept {
    return is_page_navigation(view(r->method_name), find_header(r, "sec-fetch-mode"), find_header(r, "accept"),
                              find_header(r, "x-requested-with"));
}

websocket::Handshake websocket_handshake(ngx_http_request_t* r) {
    if (r->headers_in.upgrade == nullptr) {
        return websocket::Handshake::none;
    }
    const std::string upgrade = joined_headers(r, "upgrade");
    const std::string connection = joined_headers(r, "connection");
    return websocket::classify({
        .method = view(r->method_name),
        .http11 = r->http_version == NGX_HTTP_VERSION_11,
        .upgrade = upgrade,
        .connection = connection,
        .key = find_header(r, "sec-websocket-key"),
        .version = find_header(r, "sec-websocket-version"),
    });
}

}  // namespace auth_gate
