#include "nginx/gate/canonical_path.hpp"

#include "nginx/gate/redaction.hpp"
#include "nginx/gate/request_state.hpp"

#include "core/http/path.hpp"

#include <algorithm>
#include <string>

namespace auth_gate {

namespace {

void set_path(ngx_http_request_t* r, std::string_view path) {
    set_unparsed_uri(r, path, view(r->args));
}

void canonicalise(ngx_http_request_t* r) {
    const std::string_view whole_uri = view(r->unparsed_uri);
    const std::string_view raw = whole_uri.substr(0, whole_uri.find('?'));

    // The access phase refuses an ambiguous path, after it knows who asks. A rewrite does not make it unambiguous.
    if (path::is_ambiguous(raw, view(r->uri))) {
        obtain_state(r).ambiguous_path = true;
    }
    if ((r->complex_uri || r->quoted_uri) && !path::reads_as(raw, view(r->uri))) {
        set_path(r, path::escape(view(r->uri)));
    }
}

// To most applications /API/auth/mfa/disable/ is /api/auth/mfa/disable. Every form of an endpoint's path leads to its
// location, unless that form has a location of its own.
void find_endpoint(ngx_http_request_t* r) {
    const ServerConf& server = *server_conf(r);
    if (server.endpoints == nullptr) {
        return;
    }
    for (const std::string& endpoint : *server.endpoints) {
        if (view(r->uri) == endpoint) {
            return;
        }
        if (path::same(view(r->uri), endpoint)) {
            if (std::find(server.literals->begin(), server.literals->end(), view(r->uri)) != server.literals->end()) {
                return;
            }
            r->uri = copy(r->pool, endpoint);
            set_path(r, endpoint);
            return;
        }
    }
}

}  // namespace

ngx_int_t canonicalise_path(ngx_http_request_t* r) noexcept {
    if (server_conf(r)->gated != 1 || r != r->main || r->internal) {
        return NGX_DECLINED;
    }
    return shielded(r->connection->log, ngx_int_t{NGX_HTTP_SERVICE_UNAVAILABLE}, [&]() -> ngx_int_t {
        canonicalise(r);
        find_endpoint(r);
        return NGX_DECLINED;
    });
}

}  // namespace auth_gate
