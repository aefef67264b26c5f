#include "nginx/oidc/handlers.hpp"

#include "nginx/gate/reply.hpp"
#include "nginx/gate/request_facts.hpp"
#include "nginx/ngx/headers.hpp"
#include "nginx/oidc/cookies.hpp"
#include "nginx/oidc/query.hpp"
#include "nginx/oidc/zone.hpp"

#include "core/base/crypto.hpp"
#include "core/http/query.hpp"
#include "core/http/url.hpp"
#include "core/oidc/logout.hpp"

#include <algorithm>
#include <cstring>

namespace auth_gate {

namespace {

constexpr std::uint64_t flow_lifetime_ms = 300'000;

constexpr std::string_view not_configured = R"({"error":"OIDC not configured"})";
constexpr std::string_view no_app_url = R"({"error":"APP_URL is not configured. OIDC cannot be used."})";
constexpr std::string_view issuer_not_https = R"({"error":"OIDC issuer must use HTTPS in production"})";
constexpr std::string_view unavailable = R"({"error":"Service unavailable"})";
constexpr std::string_view login_failed = R"({"error":"OIDC login failed"})";

// A parameter that is there once and decodes; otherwise empty.
std::string parameter(std::string_view query, std::string_view name) {
    std::string value;
    std::size_t count = 0;
    query::each(query, name, [&](std::string_view raw) {
        value = url::decode_form(raw).value_or("");
        ++count;
    });
    return count == 1 ? value : "";
}

void fail_login(OidcRequest& login) {
    login.answer(NGX_HTTP_INTERNAL_SERVER_ERROR, login_failed);
}

// Whose flows these are, for the table: a client that floods it pushes out its own, also one that has a network of
// addresses (RFC 4291, 2.5.1: 64 bits name it).
std::uint64_t owner_of(ngx_http_request_t* r) {
    const ngx_connection_t& c = *r->connection;
#if (NGX_HAVE_INET6)
    if (c.sockaddr->sa_family == AF_INET6) {
        const in6_addr& address = static_cast<const sockaddr_in6*>(static_cast<const void*>(c.sockaddr))->sin6_addr;
        if (!IN6_IS_ADDR_V4MAPPED(&address)) {
            char network[8];
            std::memcpy(network, &address, sizeof(network));
            return short_hash(sha256({network, sizeof(network)}));
        }
    }
#endif
    return short_hash(sha256(view(c.addr_text)));
}

void send_to_provider(OidcRequest& login) {
    const auto secrets = oidc::make_flow_secrets();
    if (!secrets) {
        login.log(NGX_LOG_ERR, "login", "no randomness");
        fail_login(login);
        return;
    }
    oidc::Flow flow;
    flow.provider = login.config.key;
    flow.nonce = secrets->nonce;
    flow.verifier = secrets->verifier;
    flow.binding = sha256(secrets->binding);
    flow.invite = parameter(login.query, "invite");
    flow.return_path = parameter(login.query, "return");
    if (!url::is_return_path(flow.return_path)) {
        flow.return_path.clear();
    }
    auto payload = oidc::pack(flow);
    if (!payload) {
        login.log(NGX_LOG_INFO, "login", "the invite is too long");
        login.answer(NGX_HTTP_BAD_REQUEST, R"({"error":"Invalid invite"})");
        return;
    }
    const bool kept =
        login.zone.put(OidcTable::Kind::flow, sha256(secrets->state), owner_of(login.r), *payload, flow_lifetime_ms);
    wipe(*payload);
    wipe(flow.nonce);
    wipe(flow.verifier);
    if (!kept) {
        login.log(NGX_LOG_ERR, "login", "the zone has no place");
        fail_login(login);
        return;
    }
    set_flow_cookie(login, {flow_cookie_name(login, secrets->state), secrets->binding}, flow_lifetime_ms / 1000);
    forget_old_flows(login);
    const std::string redirect = redirect_uri(login);
    login.redirect(oidc::authorization_url(login.metadata,
                                           {
                                               .client_id = login.config.values.client_id,
                                               .redirect_uri = redirect,
                                               .scope = login.provider().scope,
                                           },
                                           *secrets, login.provider().parameters));
}

void begin_login(OidcRequest& login) {
    switch (fault_of(login.config)) {
    case ConfigFault::none:
        login.with_metadata(send_to_provider, [](OidcRequest& self) {
            self.log(NGX_LOG_ERR, "login", "there is no metadata");
            fail_login(self);
        });
        return;
    case ConfigFault::not_configured:
        login.log(NGX_LOG_WARN, "login", "no issuer or no client_id is configured");
        login.answer(NGX_HTTP_BAD_REQUEST, not_configured);
        return;
    case ConfigFault::no_app_url:
        login.log(NGX_LOG_WARN, "login", "no APP_URL is configured");
        login.answer(NGX_HTTP_INTERNAL_SERVER_ERROR, no_app_url);
        return;
    case ConfigFault::issuer_not_https:
        login.log(NGX_LOG_WARN, "login", "the issuer is not https");
        login.answer(NGX_HTTP_BAD_REQUEST, issuer_not_https);
        return;
    }
}

// Signed out here already; the provider is told where it can be.
void leave(OidcRequest& login) {
    login.redirect(login.provider().login_page);
}

void send_to_sign_out(OidcRequest& login) {
    const std::string back = login.provider().app_url + login.provider().login_page;
    const std::string address = oidc::logout_url(login.metadata, {
                                                                     .client_id = login.config.values.client_id,
                                                                     .post_logout_redirect_uri = back,
                                                                 });
    login.redirect(address.empty() ? login.provider().login_page : address);
}

void begin_logout(OidcRequest& login) {
    if (login.conf.oidc.session_cookie.len != 0) {
        set_cookie(login, view(login.conf.oidc.session_cookie), "", "/", 0);
    }
    if (fault_of(login.config) != ConfigFault::none) {
        leave(login);
        return;
    }
    login.with_metadata(send_to_sign_out, leave);
}

struct Endpoint {
    std::string_view name;
    ngx_uint_t methods;
    std::string_view allowed;
    OidcRequest::Step begin;
    OidcRequest::Step fail;
};

constexpr Endpoint endpoints[] = {
    {"/login", NGX_HTTP_GET, "GET", begin_login, fail_login},
    {"/callback", NGX_HTTP_GET, "GET", begin_callback, fail_callback},
    {"/exchange", NGX_HTTP_GET, "GET", begin_exchange, fail_exchange},
    {"/logout", NGX_HTTP_GET | NGX_HTTP_POST, "GET, POST", begin_logout, leave},
};

ngx_int_t handle(ngx_http_request_t* r) {
    const LocationConf& conf = *location_conf(r);
    const auto* core = core_conf(r);
    if (const ngx_int_t rc = ngx_http_discard_request_body(r); rc != NGX_OK) {
        return rc;
    }
    add_response_header(r, "Referrer-Policy", "no-referrer");
    const std::string path = oidc_path(*core);
    const std::string_view uri = view(r->uri);
    const std::string_view rest = uri.size() > path.size() ? uri.substr(path.size()) : "";
    const auto* endpoint =
        std::find_if(std::begin(endpoints), std::end(endpoints), [&](const Endpoint& e) { return e.name == rest; });
    if (endpoint == std::end(endpoints)) {
        return send_json(r, NGX_HTTP_NOT_FOUND, R"({"error":"Not found"})");
    }
    if ((r->method & endpoint->methods) == 0) {
        add_response_header(r, "Allow", endpoint->allowed);
        return send_json(r, NGX_HTTP_NOT_ALLOWED, R"({"error":"Method not allowed"})");
    }
    if (is_fetched_ahead(r)) {
        // Nothing begins, ends or is spent for a page that nobody may look at.
        return send_json(r, NGX_HTTP_SERVICE_UNAVAILABLE, unavailable);
    }
    OidcRequest& login = OidcRequest::make(r, conf, *main_conf(r)->oidc->zone, take_oidc_query(r));
    return OidcRequest::run(login, endpoint->begin, endpoint->fail);
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

ConfigFault fault_of(const OidcConfig& config) {
    const ProviderSettings& values = config.values;
    if (values.client_id.empty() || (values.issuer.empty() && values.discovery_url.empty())) {
        return ConfigFault::not_configured;
    }
    if (config.provider->app_url.empty()) {
        return ConfigFault::no_app_url;
    }
    const bool secure = (values.issuer.empty() || url::is_secure(values.issuer)) &&
                        (values.discovery_url.empty() || url::is_secure(values.discovery_url));
    return secure ? ConfigFault::none : ConfigFault::issuer_not_https;
}

std::string redirect_uri(const OidcRequest& login) {
    const auto* core = core_conf(login.r);
    return login.provider().app_url + oidc_path(*core) + "/callback";
}

}  // namespace auth_gate
