// A provider's metadata (OpenID Connect Discovery; RFC 8414): where its endpoints are and how to talk to them.
#pragma once

#include <cstdint>
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
};

struct Metadata {
    std::string issuer;  // expected in id_tokens
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
    missing_endpoint,
    insecure_endpoint,
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
};

struct MetadataResult {
    MetadataStatus status = MetadataStatus::not_json;
    std::string_view member;  // the wrong member, for the log; may be empty
    Metadata metadata;        // only when valid
};

MetadataResult parse_metadata(std::string_view text, const MetadataRules& rules);

}  // namespace auth_gate::oidc
