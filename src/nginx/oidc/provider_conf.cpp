// The block `auth_gate_oidc_provider`. The environment overrides the block, and the block overrides the defaults.

#include "nginx/oidc/provider_conf.hpp"

#include "nginx/client/http_client.hpp"
#include "nginx/conf/directive_arguments.hpp"
#include "nginx/jwt/secrets.hpp"
#include "nginx/ngx/file.hpp"
#include "nginx/ngx/pool_object.hpp"
#include "nginx/oidc/conf.hpp"
#include "nginx/oidc/provider_user.hpp"

#include "core/base/crypto.hpp"
#include "core/http/url.hpp"
#include "core/oidc/tenant.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace auth_gate {

namespace {

constexpr ngx_msec_t default_connect_timeout_ms = 5'000;
constexpr ngx_msec_t default_timeout_ms = 10'000;
constexpr ngx_msec_t default_cache_ms = 3'600'000;
constexpr ngx_msec_t default_flow_ttl_ms = 300'000;
constexpr time_t default_session_ttl = 24 * 3600;
constexpr time_t default_leeway = 60;

// Each value may be set once.
char* set_text(std::string& target, std::string_view value) {
    if (!target.empty()) {
        return duplicate();
    }
    target = value;
    return NGX_CONF_OK;
}

std::string joined(std::span<ngx_str_t> args) {
    std::string text;
    for (const ngx_str_t& arg : args) {
        text += (text.empty() ? "" : " ") + std::string(view(arg));
    }
    return text;
}

char* set_url(ngx_conf_t* cf, std::string& target, ngx_str_t& value) {
    return url::is_base(view(value)) ? set_text(target, view(value))
                                     : invalid(cf, value, "an absolute https URL without a query");
}

// Some providers need a query in this URL, to tell whose metadata is asked for.
char* set_discovery_url(ngx_conf_t* cf, std::string& target, ngx_str_t& value) {
    return url::parse(view(value)) ? set_text(target, view(value)) : invalid(cf, value, "an absolute https URL");
}

char* set_client_secret(ngx_conf_t* cf, OidcProvider& provider, ngx_str_t& value) {
    auto secret = configured_secret(cf, "client_secret", value);
    if (!secret) {
        return failed;
    }
    char* rc = set_text(provider.configured.client_secret, *secret);
    wipe(*secret);
    return rc;
}

// One of two words.
char* set_choice(ngx_conf_t* cf, std::optional<bool>& target, std::string_view yes, std::string_view no,
                 ngx_str_t& value, const char* expected) {
    if (view(value) != yes && view(value) != no) {
        return invalid(cf, value, expected);
    }
    if (target) {
        return duplicate();
    }
    target = view(value) == yes;
    return NGX_CONF_OK;
}

// With a password in it, it may stand outside of the configuration, as a secret may.
char* set_proxy(ngx_conf_t* cf, OidcProvider& provider, ngx_str_t& value) {
    const bool elsewhere = view(value).starts_with("env:") || view(value).starts_with("file:");
    const auto text = elsewhere ? configured_secret(cf, "proxy", value) : std::string(view(value));
    if (!text) {
        return failed;
    }
    return url::is_proxy(*text)
               ? set_text(provider.proxy, *text)
               : invalid(cf, value, "http://[user:password@]host:port, or env:NAME or file:PATH of it");
}

char* set_client_auth(ngx_conf_t* cf, OidcProvider& provider, ngx_str_t& value) {
    const auto authentication = oidc::client_authentication_named(view(value));
    if (!authentication) {
        return invalid(cf, value, "\"basic\", \"post\", \"jwt\" or \"none\"");
    }
    if (provider.client_authentication) {
        return duplicate();
    }
    provider.client_authentication = authentication;
    return NGX_CONF_OK;
}

char* set_client_key(ngx_conf_t* cf, OidcProvider& provider, std::span<ngx_str_t> args) {
    const auto kid = args.size() == 2 ? option(args[1], "kid") : std::string_view();
    if (!kid) {
        return invalid(cf, args[1], "kid=id");
    }
    auto pem = configured_secret(cf, "client_key", args[0]);
    if (!pem) {
        return failed;
    }
    if (provider.client_key) {
        return duplicate();
    }
    provider.client_key = oidc::ClientKey::from_pem(*pem, *kid);
    wipe(*pem);
    return provider.client_key
               ? NGX_CONF_OK
               : invalid(cf, args[0],
                         "a PEM private key without a password: RSA of 2048 bits or more, P-256, P-384, "
                         "P-521 or Ed25519");
}

char* set_ca_file(ngx_conf_t* cf, OidcProvider& provider, ngx_str_t value) {
    if (ngx_conf_full_name(cf->cycle, &value, 1) != NGX_OK) {
        return failed;
    }
    const File file(open(chars(value.data), O_RDONLY | O_CLOEXEC));
    if (!file.is_open()) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno, "opening the ca_file \"%V\" failed", &value);
        return failed;
    }
    return set_text(provider.ca_file, view(value));
}

char* set_ms(ngx_conf_t* cf, ngx_msec_t& target, std::uint64_t least, std::uint64_t most, ngx_str_t& value,
             const char* expected) {
    const auto ms = milliseconds(view(value));
    if (!ms || *ms < least || *ms > most) {
        return invalid(cf, value, expected);
    }
    if (target != 0) {
        return duplicate();
    }
    target = *ms;
    return NGX_CONF_OK;
}

char* set_timeout(ngx_conf_t* cf, ngx_msec_t& target, ngx_str_t& value) {
    return set_ms(cf, target, 1, 60'000, value, "a time of at most 60s");
}

char* set_seconds(ngx_conf_t* cf, time_t& target, time_t unset, time_t least, time_t most, ngx_str_t& value,
                  const char* expected) {
    const ngx_int_t seconds = ngx_parse_time(&value, 1);
    if (seconds == NGX_ERROR || seconds < least || seconds > most) {
        return invalid(cf, value, expected);
    }
    if (target != unset) {
        return duplicate();
    }
    target = seconds;
    return NGX_CONF_OK;
}

char* set_login_page(ngx_conf_t* cf, OidcProvider& provider, ngx_str_t& value) {
    if (!url::is_return_path(view(value))) {
        return invalid(cf, value, "a path that begins with \"/\"");
    }
    return set_text(provider.login_page, view(value));
}

char* add_values(std::vector<std::string>& values, std::span<ngx_str_t> args) {
    for (const ngx_str_t& arg : args) {
        std::string_view rest = view(arg);
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find(','), rest.size());
            if (end != 0) {
                values.emplace_back(rest.substr(0, end));
            }
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    return NGX_CONF_OK;
}

char* add_parameter(ngx_conf_t* cf, OidcProvider& provider, std::span<ngx_str_t> args) {
    if (args[0].len == 0 || oidc::is_flow_parameter(view(args[0]))) {
        return invalid(cf, args[0], "a parameter that the login does not set itself");
    }
    provider.parameters.emplace_back(view(args[0]), view(args[1]));
    return NGX_CONF_OK;
}

char* add_request_parameters(ngx_conf_t* cf, OidcProvider& provider, std::span<ngx_str_t> args) {
    for (ngx_str_t& arg : args) {
        if (oidc::is_flow_parameter(view(arg)) || view(arg) == "invite" || view(arg) == "return") {
            return invalid(cf, arg, "a parameter that the login does not set or read itself");
        }
        provider.request_parameters.emplace_back(view(arg));
    }
    return NGX_CONF_OK;
}

using Args = std::span<ngx_str_t>;

struct Line {
    std::string_view name;
    std::size_t least;
    std::size_t most;
    char* (*set)(ngx_conf_t* cf, OidcProvider& provider, Args args);
};

constexpr std::size_t any_number = 64;

constexpr Line lines[] = {
    {"issuer", 1, 1, [](ngx_conf_t* cf, OidcProvider& p, Args a) { return set_url(cf, p.configured.issuer, a[0]); }},
    {"discovery_url", 1, 1,
     [](ngx_conf_t* cf, OidcProvider& p, Args a) { return set_discovery_url(cf, p.configured.discovery_url, a[0]); }},
    {"client_id", 1, 1,
     [](ngx_conf_t*, OidcProvider& p, Args a) { return set_text(p.configured.client_id, view(a[0])); }},
    {"client_secret", 1, 1, [](ngx_conf_t* cf, OidcProvider& p, Args a) { return set_client_secret(cf, p, a[0]); }},
    {"client_auth", 1, 1, [](ngx_conf_t* cf, OidcProvider& p, Args a) { return set_client_auth(cf, p, a[0]); }},
    {"client_key", 1, 2, [](ngx_conf_t* cf, OidcProvider& p, Args a) { return set_client_key(cf, p, a); }},
    {"display_name", 1, any_number,
     [](ngx_conf_t*, OidcProvider& p, Args a) { return set_text(p.configured.display_name, joined(a)); }},
    {"scope", 1, any_number, [](ngx_conf_t*, OidcProvider& p, Args a) { return set_text(p.scope, joined(a)); }},
    {"app_url", 1, 1, [](ngx_conf_t* cf, OidcProvider& p, Args a) { return set_url(cf, p.app_url, a[0]); }},
    {"user_id", 1, 3, [](ngx_conf_t* cf, OidcProvider& p, Args a) { return set_user_id(cf, p, a); }},
    {"userinfo", 1, 1,
     [](ngx_conf_t* cf, OidcProvider& p, Args a) {
         return set_choice(cf, p.userinfo, "on", "off", a[0], "\"on\" or \"off\"");
     }},
    {"nonce", 1, 1,
     [](ngx_conf_t* cf, OidcProvider& p, Args a) {
         return set_choice(cf, p.nonce_optional, "optional", "required", a[0], "\"required\" or \"optional\"");
     }},
    {"response_mode", 1, 1,
     [](ngx_conf_t* cf, OidcProvider& p, Args a) {
         return set_choice(cf, p.form_post, "form_post", "query", a[0], "\"query\" or \"form_post\"");
     }},
    {"email_verified", 1, 1, [](ngx_conf_t* cf, OidcProvider& p, Args a) { return set_email_verified(cf, p, a[0]); }},
    {"require", 1, any_number, [](ngx_conf_t* cf, OidcProvider& p, Args a) { return add_requirements(cf, p, a); }},
    {"tenant", 1, any_number, [](ngx_conf_t* cf, OidcProvider& p, Args a) { return add_tenants(cf, p, a); }},
    {"ca_file", 1, 1, [](ngx_conf_t* cf, OidcProvider& p, Args a) { return set_ca_file(cf, p, a[0]); }},
    {"proxy", 1, 1, [](ngx_conf_t* cf, OidcProvider& p, Args a) { return set_proxy(cf, p, a[0]); }},
    {"connect_timeout", 1, 1,
     [](ngx_conf_t* cf, OidcProvider& p, Args a) { return set_timeout(cf, p.connect_timeout_ms, a[0]); }},
    {"timeout", 1, 1, [](ngx_conf_t* cf, OidcProvider& p, Args a) { return set_timeout(cf, p.timeout_ms, a[0]); }},
    {"cache", 1, 1,
     [](ngx_conf_t* cf, OidcProvider& p, Args a) {
         return set_ms(cf, p.cache_ms, 1, 24 * 3'600'000, a[0], "a time of at most a day");
     }},
    {"leeway", 1, 1,
     [](ngx_conf_t* cf, OidcProvider& p, Args a) {
         return set_seconds(cf, p.leeway, -1, 0, 600, a[0], "a time of at most 10m");
     }},
    {"session_ttl", 1, 1,
     [](ngx_conf_t* cf, OidcProvider& p, Args a) {
         return set_seconds(cf, p.session_ttl, 0, 60, 366 * 24 * 3600, a[0], "a time of 1m to a year");
     }},
    {"flow_ttl", 1, 1,
     [](ngx_conf_t* cf, OidcProvider& p, Args a) {
         return set_ms(cf, p.flow_ttl_ms, 1'000, 24 * 3'600'000, a[0], "a time of 1s to a day");
     }},
    {"login_page", 1, 1, [](ngx_conf_t* cf, OidcProvider& p, Args a) { return set_login_page(cf, p, a[0]); }},
    {"trust_amr", 1, any_number, [](ngx_conf_t*, OidcProvider& p, Args a) { return add_values(p.mfa_trust.amr, a); }},
    {"trust_acr", 1, any_number, [](ngx_conf_t*, OidcProvider& p, Args a) { return add_values(p.mfa_trust.acr, a); }},
    {"mfa", 1, 1,
     [](ngx_conf_t* cf, OidcProvider& p, Args a) {
         return set_choice(cf, p.own_mfa, "provider", "account", a[0], "\"account\" or \"provider\"");
     }},
    {"session_claim", 1, any_number,
     [](ngx_conf_t* cf, OidcProvider& p, Args a) { return add_session_claims(cf, p, a); }},
    {"parameter", 2, 2, [](ngx_conf_t* cf, OidcProvider& p, Args a) { return add_parameter(cf, p, a); }},
    {"pass", 1, any_number, [](ngx_conf_t* cf, OidcProvider& p, Args a) { return add_request_parameters(cf, p, a); }},
};

char* set_line(ngx_conf_t* cf, void* conf) {
    const std::string_view name = view(directive_name(cf));
    const auto* line = std::find_if(std::begin(lines), std::end(lines), [&](const Line& l) { return l.name == name; });
    if (line == std::end(lines)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "unknown directive \"%V\" in \"auth_gate_oidc_provider\"",
                           &directive_name(cf));
        return failed;
    }
    const Args args = arguments(cf);
    if (args.size() < line->least || args.size() > line->most ||
        std::any_of(args.begin(), args.end(), [](const ngx_str_t& arg) { return arg.len == 0; })) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid number of values, or an empty value, in \"%V\"",
                           &directive_name(cf));
        return failed;
    }
    char* rc = line->set(cf, *static_cast<OidcProvider*>(conf), args);
    if (rc != NGX_CONF_OK && rc != failed) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"%V\" %s", &directive_name(cf), rc);
        return failed;
    }
    return rc;
}

// An empty variable counts as unset.
void from_environment(std::string& target, const char* name) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') {
        target = value;
    }
}

template <typename T>
void set_default(T& target, const T& unset, const T& value) {
    target = target == unset ? value : target;
}

// The environment configures the first provider only.
void read_environment(OidcProvider& provider, bool is_first) {
    from_environment(provider.app_url, "APP_URL");
    if (is_first) {
        from_environment(provider.environment.issuer, "OIDC_ISSUER");
        from_environment(provider.environment.client_id, "OIDC_CLIENT_ID");
        from_environment(provider.environment.client_secret, "OIDC_CLIENT_SECRET");
        from_environment(provider.environment.discovery_url, "OIDC_DISCOVERY_URL");
        from_environment(provider.environment.display_name, "OIDC_DISPLAY_NAME");
        from_environment(provider.scope, "OIDC_SCOPE");
    }
}

char* check_url(ngx_conf_t* cf, const char* name, const std::string& text) {
    if (text.empty()) {
        return NGX_CONF_OK;
    }
    if (!url::parse(text)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "auth_gate_oidc_provider: the %s is not an absolute URL", name);
        return failed;
    }
    if (!url::is_secure(text)) {
        // Not an error: the login reports it, as it does for a URL that is set at run time.
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0, "auth_gate_oidc_provider: the %s \"%s\" is not https: logins will fail",
                           name, text.c_str());
    }
    return NGX_CONF_OK;
}

char* complete(ngx_conf_t* cf, OidcProvider& provider, bool is_first) {
    if (provider.assumes_email_verified && !provider.tenants.empty()) {
        // Every tenant's administrator can enter any address.
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "auth_gate_oidc_provider: \"email_verified assume\" cannot stand beside \"tenant\"");
        return failed;
    }
    if (provider.needs_own_mfa() && !provider.mfa_trust.has_any()) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "auth_gate_oidc_provider: \"mfa provider\" needs \"trust_amr\" or \"trust_acr\"");
        return failed;
    }
    if (provider.client_key &&
        provider.client_authentication.value_or(oidc::ClientAuthentication::jwt) != oidc::ClientAuthentication::jwt) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "auth_gate_oidc_provider: \"client_key\" is for \"client_auth jwt\"");
        return failed;
    }
    if (provider.client_key) {
        provider.client_authentication = oidc::ClientAuthentication::jwt;
    }
    read_environment(provider, is_first);
    while (provider.app_url.ends_with('/')) {
        provider.app_url.pop_back();
    }
    if (!provider.app_url.empty() && !url::is_base(provider.app_url)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "auth_gate_oidc_provider: the app_url is not an absolute URL without a query");
        return failed;
    }
    if (provider.app_url.empty()) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "auth_gate_oidc_provider \"%s\" has no app_url and APP_URL is not set: logins will fail",
                           provider.name.c_str());
    }
    if (provider.takes_form_post() && !provider.app_url.empty() && !url::parse(provider.app_url)->https) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "auth_gate_oidc_provider: with \"response_mode form_post\" browsers send a login's cookie "
                           "back to https only, and the app_url is not https: logins will fail");
    }
    const ProviderSettings values = merge_settings(provider.environment, provider.configured);
    if (!values.issuer.empty() && !url::is_base(values.issuer)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "auth_gate_oidc_provider: the issuer is not an absolute URL without a query");
        return failed;
    }
    if (char* rc = check_url(cf, "issuer", values.issuer); rc != NGX_CONF_OK) {
        return rc;
    }
    if (char* rc = check_url(cf, "discovery_url", values.discovery_url); rc != NGX_CONF_OK) {
        return rc;
    }
    set_default<std::string>(provider.scope, "", "openid email profile");
    set_default<std::string>(provider.login_page, "", "/login");
    if (!provider.user_id.is_set()) {
        provider.user_id.claim = "sub";
    }
    set_default(provider.connect_timeout_ms, ngx_msec_t{0}, default_connect_timeout_ms);
    set_default(provider.timeout_ms, ngx_msec_t{0}, default_timeout_ms);
    set_default(provider.cache_ms, ngx_msec_t{0}, default_cache_ms);
    set_default(provider.flow_ttl_ms, ngx_msec_t{0}, default_flow_ttl_ms);
    set_default(provider.session_ttl, time_t{0}, default_session_ttl);
    set_default(provider.leeway, time_t{-1}, default_leeway);
    return NGX_CONF_OK;
}

}  // namespace

OidcProvider* OidcConf::find(std::string_view name) const noexcept {
    const auto found =
        std::find_if(providers.begin(), providers.end(), [&](const OidcProvider* p) { return p->name == name; });
    return found == providers.end() ? nullptr : *found;
}

char* set_oidc_provider(ngx_conf_t* cf, void* conf) {
    auto& main = *static_cast<MainConf*>(conf);
    ngx_str_t name = arguments(cf)[0];
    if (!is_name(view(name))) {
        return invalid(cf, name, name_form);
    }
    if (const char* what = http_client_lacks()) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"auth_gate_oidc_provider\" needs %s", what);
        return failed;
    }
    if (main.oidc == nullptr) {
        main.oidc = make<OidcConf>(cf->pool);
    }
    if (main.oidc->find(view(name)) != nullptr) {
        return duplicate();
    }
    auto* provider = make<OidcProvider>(cf->pool);
    provider->name = view(name);

    const ngx_conf_t outside = *cf;
    cf->handler = guarded<set_line>;
    cf->handler_conf = static_cast<char*>(static_cast<void*>(provider));
    char* rc = ngx_conf_parse(cf, nullptr);
    *cf = outside;
    if (rc != NGX_CONF_OK) {
        return rc;
    }
    main.oidc->providers.push_back(provider);
    main.oidc->trusts_mfa |= provider->mfa_trust.has_any();
    main.oidc->needs_mfa |= provider->needs_own_mfa();
    return complete(cf, *provider, main.oidc->providers.size() == 1);
}

}  // namespace auth_gate
