// /login: a flow begins, and the browser goes to the provider.

#include "nginx/oidc/cookies.hpp"
#include "nginx/oidc/steps.hpp"

#include "core/base/crypto.hpp"
#include "core/http/query.hpp"
#include "core/http/url.hpp"

#include <algorithm>
#include <cstring>

namespace auth_gate {

namespace {

constexpr std::string_view not_configured = R"({"error":"OIDC not configured"})";
constexpr std::string_view no_app_url = R"({"error":"APP_URL is not configured. OIDC cannot be used."})";
constexpr std::string_view issuer_not_https = R"({"error":"OIDC issuer must use HTTPS in production"})";
constexpr std::string_view login_failed = R"({"error":"OIDC login failed"})";

// The steps after begin_login(), in order.
void keep_flow(LoginRequest& login);
void send_to_provider(LoginRequest& login);

// A parameter that is present once and decodes; otherwise empty.
std::string parameter(std::string_view query, std::string_view name) {
    std::string value;
    std::size_t count = 0;
    query::each(query, name, [&](std::string_view raw) {
        value = url::decode_form(raw).value_or("");
        ++count;
    });
    return count == 1 ? value : "";
}

// Parameters of the configuration, and those of the request that it leaves open.
oidc::Parameters parameters_of(const LoginRequest& login) {
    const OidcProvider& provider = login.provider();
    oidc::Parameters parameters = provider.parameters;
    const auto pass = [&](std::string_view name) {
        const bool set =
            std::any_of(parameters.begin(), parameters.end(), [&](const auto& p) { return p.first == name; });
        if (std::string value = parameter(login.query, name); !set && !value.empty()) {
            parameters.emplace_back(name, std::move(value));
        }
    };
    for (const std::string_view name : {"login_hint", "prompt", "ui_locales"}) {
        pass(name);
    }
    for (const std::string& name : provider.request_parameters) {
        pass(name);
    }
    return parameters;
}

// Whom a flow counts against in the store: the client's address, or its /64 network with IPv6 (RFC 4291, 2.5.1), where
// one client has many addresses. A client that floods the store evicts its own flows.
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

}  // namespace

void begin_login(LoginRequest& login) {
    switch (fault_of(login.config)) {
    case ConfigFault::none:
        login.with_metadata(keep_flow, [](LoginRequest& self) {
            self.log(NGX_LOG_ERR, "login", "the provider's metadata is unavailable");
            fail_login(self);
        });
        return;
    case ConfigFault::not_configured:
        login.log(NGX_LOG_WARN, "login", "no issuer, no client_id, or no client_secret for client_auth is configured");
        login.answer(NGX_HTTP_BAD_REQUEST, not_configured);
        return;
    case ConfigFault::no_app_url:
        login.log(NGX_LOG_WARN, "login", "no APP_URL is configured");
        login.answer(NGX_HTTP_INTERNAL_SERVER_ERROR, no_app_url);
        return;
    case ConfigFault::private_address:
        login.log(NGX_LOG_WARN, "login", private_address);
        fail_login(login);
        return;
    case ConfigFault::issuer_not_https:
        login.log(NGX_LOG_WARN, "login", "the issuer is not an https URL");
        login.answer(NGX_HTTP_BAD_REQUEST, issuer_not_https);
        return;
    }
}

namespace {

void keep_flow(LoginRequest& login) {
    auto secrets = oidc::make_flow_secrets();
    if (!secrets) {
        login.log(NGX_LOG_ERR, "login", "the system has no randomness");
        fail_login(login);
        return;
    }
    login.secrets = std::move(*secrets);
    oidc::Flow& flow = login.flow;
    flow.provider = login.config.key;
    flow.nonce = login.secrets.nonce;
    flow.verifier = login.secrets.verifier;
    flow.binding = sha256(login.secrets.binding);
    flow.invite = parameter(login.query, "invite");
    flow.return_path = parameter(login.query, "return");
    if (flow.return_path.size() > oidc::Flow::longest_return_path) {
        login.log(NGX_LOG_INFO, "login", "the return path is too long");
        login.answer(NGX_HTTP_BAD_REQUEST, R"({"error":"Return path too long"})");
        return;
    }
    if (!url::is_return_path(flow.return_path)) {
        flow.return_path.clear();
    }
    auto payload = oidc::pack(flow);
    if (!payload) {
        login.log(NGX_LOG_INFO, "login", "the invite is too long");
        login.answer(NGX_HTTP_BAD_REQUEST, R"({"error":"Invalid invite"})");
        return;
    }
    login.store.put(oidc::RecordKind::flow, sha256(login.secrets.state), owner_of(login.r), *payload,
                    login.provider().flow_ttl_ms, login.kept);
    wipe(*payload);
    login.when_ready(login.kept, send_to_provider);
}

void send_to_provider(LoginRequest& login) {
    if (!login.kept.value()) {
        login.log(NGX_LOG_ERR, "login", "the flow cannot be stored");
        fail_login(login);
        return;
    }
    const oidc::FlowSecrets& secrets = login.secrets;
    set_flow_cookie(login, {flow_cookie_name(login, secrets.state), secrets.binding},
                    static_cast<std::int64_t>(login.provider().flow_ttl_ms / 1000));
    forget_old_flows(login);
    const std::string redirect_uri = login.redirect_uri();
    login.redirect(oidc::authorization_url(login.documents.metadata,
                                           {
                                               .client_id = login.config.values.client_id,
                                               .redirect_uri = redirect_uri,
                                               .scope = login.provider().scope,
                                               .form_post = login.provider().takes_form_post(),
                                           },
                                           secrets, parameters_of(login)));
}

}  // namespace

void fail_login(LoginRequest& login) {
    login.answer(NGX_HTTP_INTERNAL_SERVER_ERROR, login_failed);
}

}  // namespace auth_gate
