// The beginning of a login: a flow's secrets, the URL that the browser is sent to, and what the gate remembers.
#pragma once

#include "core/base/crypto.hpp"
#include "core/oidc/metadata.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace auth_gate::oidc {

// 32 bytes each from the system's CSPRNG, in base64url: 43 characters. Wiped on destruction.
struct FlowSecrets {
    std::string state;
    std::string nonce;
    std::string verifier;  // RFC 7636, 4.1
    std::string binding;   // the value of the cookie that binds the flow to the browser

    FlowSecrets() = default;
    ~FlowSecrets();
    FlowSecrets(FlowSecrets&&) = default;
    FlowSecrets& operator=(FlowSecrets&&) = default;
};

// Nothing if the system has no randomness.
std::optional<FlowSecrets> make_flow_secrets();

// Whether a text has the form of these secrets.
bool is_flow_secret(std::string_view text) noexcept;

// BASE64URL(SHA256(verifier)), RFC 7636, 4.2.
std::string s256_challenge(std::string_view verifier);

// The cookie's name: `prefix` and 16 hex digits that differ from flow to flow, so that several tabs can log in at once.
std::string flow_cookie_name(std::string_view prefix, std::string_view state);

using Parameters = std::vector<std::pair<std::string, std::string>>;

struct AuthorizationRequest {
    std::string_view client_id;
    std::string_view redirect_uri;
    std::string_view scope;  // "openid" is added if it is missing
    bool form_post = false;  // the answer comes in a form that the browser posts (OAuth 2.0 Form Post Response Mode)
};

// Whether the flow sets this parameter itself, so that a configuration must not.
bool is_flow_parameter(std::string_view name) noexcept;

// The URL that the browser is sent to. `extra` are parameters such as prompt or acr_values; those that the flow sets
// itself are ignored.
std::string authorization_url(const Metadata& metadata, const AuthorizationRequest& request, const FlowSecrets& secrets,
                              const Parameters& extra = {});

// What is stored under the state's digest from /login to /callback.
struct Flow {
    static constexpr std::size_t longest_return_path = 255;
    static constexpr std::size_t longest_invite = 120;

    std::uint64_t provider = 0;  // OidcConfig::key
    std::string nonce;
    std::string verifier;
    Digest binding{};  // SHA-256 of the cookie's value
    std::string return_path;
    std::string invite;
};

// At most Record::longest_flow bytes. Nothing if a part is too long.
std::optional<std::string> pack(const Flow& flow);
std::optional<Flow> unpack_flow(std::string_view payload);

}  // namespace auth_gate::oidc
