#include "core/oidc/session_header.hpp"

#include "core/base/base64url.hpp"
#include "core/json/json.hpp"
#include "core/jwt/jwt.hpp"

namespace auth_gate::oidc {

namespace {

constexpr std::string_view provider_name = "auth_gate_sso";  // no application has such a member

}  // namespace

std::string session_header(std::string_view session, std::string_view provider) {
    std::string header = R"({"alg":"HS256","typ":"JWT","sid":)" + json::quote(session);
    if (!provider.empty()) {
        header += "," + json::quote(provider_name) + ":" + json::quote(provider);
    }
    return base64url::encode(header + "}");
}

std::string provider_in(std::string_view header) {
    if (header == jwt::usual_header) {
        return {};
    }
    const json::Value object = json::parse_object(base64url::decode(header).value_or(""));
    return std::string(json::string(json::member(object.get(), provider_name)).value_or(""));
}

}  // namespace auth_gate::oidc
