#include "nginx/oidc/handlers.hpp"

#include "nginx/gate/reply.hpp"
#include "nginx/gate/request_facts.hpp"
#include "nginx/ngx/headers.hpp"
#include "nginx/ngx/request_body.hpp"
#include "nginx/oidc/query.hpp"
#include "nginx/oidc/steps.hpp"
#include "nginx/oidc/zone.hpp"
#include "nginx/redis/store.hpp"

#include <algorithm>

namespace auth_gate {

namespace {

constexpr std::size_t largest_form = 64 * 1024;
constexpr std::string_view body_too_large = R"({"error":"Request body too large"})";

struct Endpoint {
    std::string_view name;
    ngx_uint_t methods;
    std::string_view allowed;
    LoginRequest::Step begin;
    LoginRequest::Step fail;
};

constexpr Endpoint endpoints[] = {
    {"/login", NGX_HTTP_GET, "GET", begin_login, fail_login},
    {"/callback", NGX_HTTP_GET, "GET", begin_callback, fail_callback},
    {"/exchange", NGX_HTTP_GET, "GET", begin_exchange, fail_exchange},
    {"/logout", NGX_HTTP_GET | NGX_HTTP_POST, "GET, POST", begin_logout, fail_logout},
};

const Endpoint* endpoint_of(ngx_http_request_t* r) {
    const std::string path = oidc_path(*core_conf(r));
    const std::string_view uri = view(r->uri);
    const std::string_view rest = uri.size() > path.size() ? uri.substr(path.size()) : "";
    const auto* found =
        std::find_if(std::begin(endpoints), std::end(endpoints), [&](const Endpoint& e) { return e.name == rest; });
    return found == std::end(endpoints) ? nullptr : found;
}

bool is_posted_callback(ngx_http_request_t* r, const Endpoint* endpoint) {
    return endpoint != nullptr && endpoint->begin == begin_callback && r->method == NGX_HTTP_POST &&
           location_conf(r)->oidc.provider->takes_form_post();
}

ngx_int_t begin(ngx_http_request_t* r, const Endpoint& endpoint, std::string query) {
    OidcZone& zone = *main_conf(r)->oidc->zone;
    LoginRequest& login = LoginRequest::make(r, *location_conf(r), zone, login_store(*main_conf(r)), std::move(query));
    return LoginRequest::run(login, endpoint.begin, endpoint.fail);
}

// The provider has the browser post what it otherwise puts in the query.
void form_read(ngx_http_request_t* r) noexcept {
    const ngx_int_t rc = shielded(r->connection->log, ngx_int_t{NGX_HTTP_SERVICE_UNAVAILABLE}, [&]() -> ngx_int_t {
        auto form = whole_body(r, largest_form);
        r->request_body->bufs = nullptr;  // the code and the state are for no log
        return form ? begin(r, *endpoint_of(r), std::move(*form))
                    : send_json(r, NGX_HTTP_REQUEST_ENTITY_TOO_LARGE, body_too_large);
    });
    ngx_http_finalize_request(r, rc);
}

ngx_int_t handle(ngx_http_request_t* r) {
    const Endpoint* endpoint = endpoint_of(r);
    if (is_posted_callback(r, endpoint)) {
        add_response_header(r, "Referrer-Policy", "no-referrer");
        const ngx_int_t rc = ngx_http_read_client_request_body(r, form_read);
        return rc >= NGX_HTTP_SPECIAL_RESPONSE ? rc : NGX_DONE;
    }
    if (const ngx_int_t rc = ngx_http_discard_request_body(r); rc != NGX_OK) {
        return rc;
    }
    add_response_header(r, "Referrer-Policy", "no-referrer");
    if (endpoint == nullptr) {
        return send_json(r, NGX_HTTP_NOT_FOUND, R"({"error":"Not found"})");
    }
    if ((r->method & endpoint->methods) == 0) {
        add_response_header(r, "Allow", endpoint->allowed);
        return send_json(r, NGX_HTTP_NOT_ALLOWED, R"({"error":"Method not allowed"})");
    }
    if (is_fetched_ahead(r)) {
        // A prefetch must not begin or end a login, nor spend a code.
        return send_json(r, NGX_HTTP_SERVICE_UNAVAILABLE, service_unavailable);
    }
    return begin(r, *endpoint, take_oidc_query(r));
}

}  // namespace

ngx_int_t oidc_handler(ngx_http_request_t* r) noexcept {
    return shielded(r->connection->log, ngx_int_t{NGX_HTTP_SERVICE_UNAVAILABLE}, [&] { return handle(r); });
}

std::string oidc_path(const ngx_http_core_loc_conf_t& core) {
    std::string path(view(core.name));
    while (path.ends_with('/')) {
        path.pop_back();
    }
    return path;
}

}  // namespace auth_gate
