#include "core/oidc/login.hpp"

#include "core/base/base64url.hpp"
#include "core/base/byte_record.hpp"
#include "core/oidc/store.hpp"

#include "core/http/url.hpp"

#include <algorithm>
#include <array>

namespace auth_gate::oidc {

namespace {

constexpr std::size_t secret_size = 32;       // bytes
constexpr std::size_t secret_text_size = 43;  // in base64url

constexpr std::string_view flow_parameters[] = {
    "client_id",   "code_challenge", "code_challenge_method", "nonce", "redirect_uri", "request",
    "request_uri", "response_mode",  "response_type",         "scope", "state",
};

bool make_secret(std::string& text) {
    std::array<std::uint8_t, secret_size> random;
    if (!random_bytes(random)) {
        return false;
    }
    text.reserve(secret_text_size);
    base64url::append(text, random);
    wipe(random.data(), random.size());
    return true;
}

// The scope must contain "openid" (OpenID Connect Core, 3.1.2.1).
std::string with_openid(std::string_view scope) {
    const std::string padded = ' ' + std::string(scope) + ' ';
    if (padded.find(" openid ") != std::string::npos) {
        return std::string(scope);
    }
    return scope.empty() ? "openid" : "openid " + std::string(scope);
}

}  // namespace

FlowSecrets::~FlowSecrets() {
    for (std::string* text : {&state, &nonce, &verifier, &binding}) {
        wipe(*text);
    }
}

std::optional<FlowSecrets> make_flow_secrets() {
    FlowSecrets secrets;
    if (!make_secret(secrets.state) || !make_secret(secrets.nonce) || !make_secret(secrets.verifier) ||
        !make_secret(secrets.binding)) {
        return std::nullopt;
    }
    return secrets;
}

bool is_flow_secret(std::string_view text) noexcept {
    std::uint8_t bytes[secret_size];
    return text.size() == secret_text_size && base64url::decode(text, bytes);
}

std::string s256_challenge(std::string_view verifier) {
    std::string challenge;
    base64url::append(challenge, sha256(verifier));
    return challenge;
}

std::string flow_cookie_name(std::string_view prefix, std::string_view state) {
    const Digest digest = sha256(state);
    const std::span<const std::uint8_t> part(digest.data(), 8);
    std::string name(prefix);
    name.resize(prefix.size() + 2 * part.size());
    to_hex(part, name.data() + prefix.size());
    return name;
}

bool is_flow_parameter(std::string_view name) noexcept {
    return std::find(std::begin(flow_parameters), std::end(flow_parameters), name) != std::end(flow_parameters);
}

std::string authorization_url(const Metadata& metadata, const AuthorizationRequest& request, const FlowSecrets& secrets,
                              const Parameters& extra) {
    std::string location = metadata.authorization_endpoint;
    url::add_parameter(location, "response_type", "code");
    url::add_parameter(location, "client_id", request.client_id);
    url::add_parameter(location, "redirect_uri", request.redirect_uri);
    url::add_parameter(location, "scope", with_openid(request.scope));
    url::add_parameter(location, "state", secrets.state);
    url::add_parameter(location, "nonce", secrets.nonce);
    url::add_parameter(location, "code_challenge", s256_challenge(secrets.verifier));
    url::add_parameter(location, "code_challenge_method", "S256");
    if (request.form_post) {
        url::add_parameter(location, "response_mode", "form_post");
    }
    for (const auto& [name, value] : extra) {
        if (!is_flow_parameter(name)) {
            url::add_parameter(location, name, value);
        }
    }
    return location;
}

std::optional<std::string> pack(const Flow& flow) {
    constexpr std::size_t longest = sizeof(flow.provider) + sizeof(flow.binding) + 4 * sizeof(std::uint16_t) +
                                    2 * secret_text_size + Flow::longest_return_path + Flow::longest_invite;
    static_assert(longest <= Record::longest_flow);

    if (!is_flow_secret(flow.nonce) || !is_flow_secret(flow.verifier) ||
        flow.return_path.size() > Flow::longest_return_path || flow.invite.size() > Flow::longest_invite) {
        return std::nullopt;
    }
    RecordWriter record;
    record.fixed(flow.provider);
    record.fixed(flow.binding);
    record.text(flow.nonce);
    record.text(flow.verifier);
    record.text(flow.return_path);
    record.text(flow.invite);
    return record.take();
}

std::optional<Flow> unpack_flow(std::string_view payload) {
    Flow flow;
    RecordReader record(payload);
    record.fixed(flow.provider);
    record.fixed(flow.binding);
    record.text(flow.nonce);
    record.text(flow.verifier);
    record.text(flow.return_path);
    record.text(flow.invite);
    if (!record.complete()) {
        return std::nullopt;
    }
    return flow;
}

}  // namespace auth_gate::oidc
