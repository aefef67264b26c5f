// A provider's metadata (OpenID Connect Discovery; RFC 8414): where its endpoints are and how to talk to them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace auth_gate::oidc {

// <issuer>/.well-known/openid-configuration
std::string discovery_url(std::string_view issuer);

// How the gate authenticates at the token endpoint.
enum class ClientAuthentication : std::uint8_t {
    none,  // a public client: PKCE alone
    basic,
    post,
    jwt,  // a JWT that is signed with the secret (client_secret_jwt) or a key (private_key_jwt)
};

// "basic", "post", "jwt" or "none".
std::optional<ClientAuthentication> client_authentication_named(std::string_view name) noexcept;

struct Metadata {
    std::string issuer;  // expected in id_tokens; may be a template for tenants
    std::string authorization_endpoint;
    std::string token_endpoint;
    std::string jwks_uri;
    std::string userinfo_endpoint;     // may be empty
    std::string end_session_endpoint;  // may be empty
    ClientAuthentication client_authentication = ClientAuthentication::basic;
    bool names_itself = false;  // every callback has iss (RFC 9207)
};

enum class MetadataStatus : std::uint8_t {
    valid,
    not_json,
    no_issuer,
    wrong_issuer,
    insecure_issuer,
    many_tenants,
    missing_endpoint,
    insecure_endpoint,
    private_address,
    no_code_flow,
    no_s256,
    no_algorithm,
    no_client_authentication,
};

std::string_view sentence(MetadataStatus status) noexcept;

struct MetadataRules {
    std::string_view issuer;  // as configured; may be empty if overridden
    bool overridden = false;  // a discovery URL is configured: any issuer in the document will do
    bool has_secret = true;
    bool public_only =
        false;  // an administrator says where the document is: no URL in it may lead to a private address
    bool has_tenants = false;  // those that may log in are configured: the issuer may be a template
    std::optional<ClientAuthentication> client_authentication{};  // as configured; otherwise the document decides
};

struct MetadataResult {
    MetadataStatus status = MetadataStatus::not_json;
    std::string_view member;  // the wrong member, for the log; may be empty
    Metadata metadata;        // only when valid
};

MetadataResult parse_metadata(std::string_view text, const MetadataRules& rules);

}  // namespace auth_gate::oidc
