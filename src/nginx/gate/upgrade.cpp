#include "nginx/gate/upgrade.hpp"

#include "nginx/conf/conf.hpp"
#include "nginx/ngx/headers.hpp"

#include <string>

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

// nginx and many applications treat any request with an Upgrade header as a handshake.
bool may_upgrade(ngx_http_request_t* r) noexcept {
    return r->http_version == NGX_HTTP_VERSION_11 && (r->method & (NGX_HTTP_HEAD | NGX_HTTP_OPTIONS)) == 0;
}

}  // namespace

websocket::Handshake websocket_handshake(ngx_http_request_t* r) {
    if (!asks_for_upgrade(r)) {
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

void keep_only_websocket(ngx_http_request_t* r) {
    if (!asks_for_upgrade(r)) {
        return;
    }
    const std::string upgrade = joined_headers(r, "upgrade");
    const std::string kept = may_upgrade(r) ? websocket::without_other_protocols(upgrade) : "";
    if (kept != upgrade) {
        set_upgrade(r, kept);
    }
}

}  // namespace auth_gate
