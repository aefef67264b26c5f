#include "core/oidc/metadata.hpp"

#include "core/http/url.hpp"
#include "core/json/json.hpp"
#include "core/oidc/jwks.hpp"
#include "core/oidc/tenant.hpp"

#include <algorithm>
#include <optional>

namespace auth_gate::oidc {

namespace {

// Whether the member is an array with a wanted string.
template <typename F>
bool lists_any(const json_t* document, std::string_view name, F&& wanted) {
    const json_t* list = json::member(document, name);
    for (std::size_t i = 0; i < json_array_size(list); ++i) {
        if (const auto text = json::string(json_array_get(list, i)); text && wanted(*text)) {
            return true;
        }
    }
    return false;
}

bool lists(const json_t* document, std::string_view name, std::string_view wanted) {
    return lists_any(document, name, [&](std::string_view text) { return text == wanted; });
}

bool has(const json_t* document, std::string_view name) noexcept {
    return json::member(document, name) != nullptr;
}

// A provider may support what it does not allow this client, so the configuration's word counts.
std::optional<ClientAuthentication> choose_authentication(const json_t* document, const MetadataRules& rules) {
    constexpr std::string_view name = "token_endpoint_auth_methods_supported";
    if (rules.client_authentication) {
        return rules.client_authentication;
    }
    if (!rules.has_secret) {
        return ClientAuthentication::none;
    }
    // client_secret_basic is the default (RFC 8414, section 2).
    if (!has(document, name) || lists(document, name, "client_secret_basic")) {
        return ClientAuthentication::basic;
    }
    if (lists(document, name, "client_secret_post")) {
        return ClientAuthentication::post;
    }
    if (lists(document, name, "client_secret_jwt")) {
        return ClientAuthentication::jwt;
    }
    return std::nullopt;
}

struct Endpoint {
    std::string_view member;
    std::string Metadata::*place;
    bool required;
};

constexpr Endpoint endpoints[] = {
    {"authorization_endpoint", &Metadata::authorization_endpoint, true},
    {"token_endpoint", &Metadata::token_endpoint, true},
    {"jwks_uri", &Metadata::jwks_uri, true},
    {"userinfo_endpoint", &Metadata::userinfo_endpoint, false},
    {"end_session_endpoint", &Metadata::end_session_endpoint, false},
};

// `insecure` says what is not https.
MetadataStatus check_url(std::string_view text, MetadataStatus insecure, const MetadataRules& rules) {
    if (!url::is_secure(text)) {
        return insecure;
    }
    return rules.public_only && !url::is_public(text) ? MetadataStatus::private_address : MetadataStatus::valid;
}

MetadataStatus read_endpoint(const json_t* document, const Endpoint& endpoint, const MetadataRules& rules,
                             Metadata& metadata) {
    const json_t* value = json::member(document, endpoint.member);
    if (value == nullptr || json_is_null(value)) {
        return endpoint.required ? MetadataStatus::missing_endpoint : MetadataStatus::valid;
    }
    const std::string_view text = json::string(value).value_or("");
    metadata.*endpoint.place = std::string(text);
    return check_url(text, MetadataStatus::insecure_endpoint, rules);
}

MetadataStatus check_issuer(std::string_view issuer, const MetadataRules& rules) {
    if (issuer.empty()) {
        return MetadataStatus::no_issuer;
    }
    if (is_tenant_template(issuer) && !rules.has_tenants) {
        return MetadataStatus::many_tenants;
    }
    const std::string one = issuer_of_tenant(issuer, "tenant");
    if (const auto status = check_url(one, MetadataStatus::insecure_issuer, rules); status != MetadataStatus::valid) {
        return status;
    }
    const bool same = url::same_issuer(issuer, rules.issuer) || fits_template(issuer, rules.issuer);
    return rules.overridden || same ? MetadataStatus::valid : MetadataStatus::wrong_issuer;
}

}  // namespace

std::optional<ClientAuthentication> client_authentication_named(std::string_view name) noexcept {
    if (name == "basic") {
        return ClientAuthentication::basic;
    }
    if (name == "post") {
        return ClientAuthentication::post;
    }
    if (name == "jwt") {
        return ClientAuthentication::jwt;
    }
    return name == "none" ? std::optional(ClientAuthentication::none) : std::nullopt;
}

std::string discovery_url(std::string_view issuer) {
    while (issuer.ends_with('/')) {
        issuer.remove_suffix(1);
    }
    return std::string(issuer) + "/.well-known/openid-configuration";
}

std::string_view sentence(MetadataStatus status) noexcept {
    switch (status) {
    case MetadataStatus::valid:
        return "the provider's metadata is valid";
    case MetadataStatus::not_json:
        return "the provider's metadata is not a JSON object";
    case MetadataStatus::no_issuer:
        return "the provider's metadata names no issuer";
    case MetadataStatus::wrong_issuer:
        return "the provider's metadata names an issuer other than the configured one";
    case MetadataStatus::insecure_issuer:
        return "the issuer in the provider's metadata is not an https URL";
    case MetadataStatus::many_tenants:
        return "the provider's metadata is for many tenants: \"tenant\" has to say which may log in";
    case MetadataStatus::missing_endpoint:
        return "the provider's metadata lacks an endpoint";
    case MetadataStatus::insecure_endpoint:
        return "an endpoint in the provider's metadata is not an https URL";
    case MetadataStatus::private_address:
        return "a URL in the provider's metadata leads to a private address, and an administrator has set the provider";
    case MetadataStatus::no_code_flow:
        return "the provider does not support the authorization code flow";
    case MetadataStatus::no_s256:
        return "the provider does not support PKCE with S256";
    case MetadataStatus::no_algorithm:
        return "the provider signs id_tokens with no algorithm that is accepted";
    case MetadataStatus::no_client_authentication:
        return "the provider supports none of client_secret_basic, client_secret_post and client_secret_jwt";
    }
    return "";
}

MetadataResult parse_metadata(std::string_view text, const MetadataRules& rules) {
    MetadataResult result;
    const auto refused = [&](MetadataStatus status, std::string_view member) {
        return MetadataResult{status, member, {}};
    };

    const json::Value object = json::parse_object(text);
    const json_t* document = object.get();
    if (document == nullptr) {
        return refused(MetadataStatus::not_json, "");
    }
    Metadata& metadata = result.metadata;
    metadata.issuer = std::string(json::string(json::member(document, "issuer")).value_or(""));
    if (const auto status = check_issuer(metadata.issuer, rules); status != MetadataStatus::valid) {
        return refused(status, "issuer");
    }
    for (const Endpoint& endpoint : endpoints) {
        if (const auto status = read_endpoint(document, endpoint, rules, metadata); status != MetadataStatus::valid) {
            return refused(status, endpoint.member);
        }
    }

    // These members are optional, but what they list must include what the gate uses.
    constexpr std::string_view responses = "response_types_supported";
    if (has(document, responses) && !lists(document, responses, "code")) {
        return refused(MetadataStatus::no_code_flow, responses);
    }
    constexpr std::string_view challenges = "code_challenge_methods_supported";
    if (has(document, challenges) && !lists(document, challenges, "S256")) {
        return refused(MetadataStatus::no_s256, challenges);
    }
    constexpr std::string_view algorithms = "id_token_signing_alg_values_supported";
    if (has(document, algorithms) &&
        !lists_any(document, algorithms, [](std::string_view name) { return algorithm_named(name).has_value(); })) {
        return refused(MetadataStatus::no_algorithm, algorithms);
    }
    const auto authentication = choose_authentication(document, rules);
    if (!authentication) {
        return refused(MetadataStatus::no_client_authentication, "token_endpoint_auth_methods_supported");
    }
    metadata.client_authentication = *authentication;
    metadata.names_itself = json_is_true(json::member(document, "authorization_response_iss_parameter_supported"));
    result.status = MetadataStatus::valid;
    return result;
}

}  // namespace auth_gate::oidc
