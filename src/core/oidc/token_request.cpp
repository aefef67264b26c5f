#include "core/oidc/token_request.hpp"

#include "core/base/ascii.hpp"
#include "core/base/bytes.hpp"
#include "core/base/crypto.hpp"
#include "core/http/request_traits.hpp"
#include "core/http/url.hpp"
#include "core/json/json.hpp"
#include "core/jwt/jwt.hpp"
#include "core/oidc/error.hpp"
#include "core/oidc/login.hpp"

#include <openssl/evp.h>

#include <algorithm>

namespace auth_gate::oidc {

namespace {

std::string base64(std::string_view text) {
    std::string out((text.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL appends a NUL
    const int size = EVP_EncodeBlock(as_bytes(out).data(), as_bytes(text).data(), static_cast<int>(text.size()));
    out.resize(static_cast<std::size_t>(size));
    return out;
}

// RFC 7523, 3. The flow's challenge occurs in no other request, as its jti must not.
std::string client_claims(const TokenRequest& request) {
    constexpr std::int64_t lifetime = 60;  // seconds
    const std::string id = json::quote(request.client_id);
    return R"({"iss":)" + id + R"(,"sub":)" + id + R"(,"aud":)" + json::quote(request.token_endpoint) + R"(,"jti":)" +
           json::quote(s256_challenge(request.verifier)) + R"(,"iat":)" + std::to_string(request.now) + R"(,"exp":)" +
           std::to_string(request.now + lifetime) + '}';
}

// By the private key, if there is one, and otherwise by the secret. Without a signature, the provider refuses it.
std::string client_jwt(const TokenRequest& request) {
    if (request.client_key != nullptr) {
        return request.client_key->sign(client_claims(request)).value_or("");
    }
    return jwt::sign(jwt::usual_header, client_claims(request), HmacKey(request.client_secret));
}

// RFC 6749, 5.2.
bool is_about_client(unsigned http_status, std::string_view error) noexcept {
    return http_status == 401 || error == "invalid_client" || error == "unauthorized_client" ||
           error == "unsupported_grant_type";
}

// RFC 6749, A.12. The token goes into a header.
bool is_access_token(std::string_view text) noexcept {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_printable);
}

}  // namespace

TokenRequestText token_request(const TokenRequest& request, ClientAuthentication authentication) {
    TokenRequestText text;
    url::add_field(text.body, "grant_type", "authorization_code");
    url::add_field(text.body, "code", request.code);
    url::add_field(text.body, "redirect_uri", request.redirect_uri);
    url::add_field(text.body, "code_verifier", request.verifier);
    switch (authentication) {
    case ClientAuthentication::none:
        url::add_field(text.body, "client_id", request.client_id);
        break;
    case ClientAuthentication::post:
        url::add_field(text.body, "client_id", request.client_id);
        url::add_field(text.body, "client_secret", request.client_secret);
        break;
    case ClientAuthentication::jwt: {
        std::string jwt = client_jwt(request);
        url::add_field(text.body, "client_id", request.client_id);
        url::add_field(text.body, "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        url::add_field(text.body, "client_assertion", jwt);
        wipe(jwt);
        break;
    }
    case ClientAuthentication::basic: {
        // RFC 6749, 2.3.1: both are form-encoded first. %20 also suits providers that only percent-decode.
        std::string pair = url::encode(request.client_id) + ':' + url::encode(request.client_secret);
        text.authorization = "Basic " + base64(pair);
        wipe(pair);
        break;
    }
    }
    return text;
}

TokenAnswer parse_token_answer(unsigned http_status, std::string_view body) {
    TokenAnswer answer;
    const auto ends = [&](TokenAnswerStatus status) {
        answer.status = status;
        return std::move(answer);
    };

    const json::Value object = json::parse_object(body);
    if (const json_t* error = json::member(object.get(), "error"); error != nullptr) {
        const auto code = json::string(error);
        answer.error = code && is_error_code(*code) ? std::string(*code) : std::string();
        answer.description =
            shown_description(json::string(json::member(object.get(), "error_description")).value_or(""));
        if (http_status >= 500) {
            return ends(TokenAnswerStatus::bad_http_status);
        }
        return ends(is_about_client(http_status, answer.error) ? TokenAnswerStatus::client_refused
                                                               : TokenAnswerStatus::refused);
    }
    if (http_status != 200) {
        return ends(TokenAnswerStatus::bad_http_status);
    }
    if (object == nullptr) {
        return ends(TokenAnswerStatus::not_json);
    }
    const auto member = [&](std::string_view name) {
        return json::string(json::member(object.get(), name)).value_or("");
    };
    if (!equal_ignoring_case(member("token_type"), "Bearer")) {
        return ends(TokenAnswerStatus::wrong_token_type);
    }
    if (!is_access_token(member("access_token"))) {
        return ends(TokenAnswerStatus::no_access_token);
    }
    if (member("id_token").empty()) {
        return ends(TokenAnswerStatus::no_id_token);
    }
    answer.access_token = member("access_token");
    answer.id_token = member("id_token");
    return ends(TokenAnswerStatus::ok);
}

std::string_view sentence(TokenAnswerStatus status) noexcept {
    switch (status) {
    case TokenAnswerStatus::ok:
        return "the token endpoint answered with tokens";
    case TokenAnswerStatus::refused:
        return "the token endpoint refused the code";
    case TokenAnswerStatus::client_refused:
        return "the token endpoint refused the client: check client_id, client_secret and client_auth";
    case TokenAnswerStatus::bad_http_status:
        return "the token endpoint did not answer with status 200";
    case TokenAnswerStatus::not_json:
        return "the token endpoint's answer is not a JSON object";
    case TokenAnswerStatus::no_access_token:
        return "the token endpoint's answer has no valid access_token";
    case TokenAnswerStatus::wrong_token_type:
        return "the token endpoint's token_type is not Bearer";
    case TokenAnswerStatus::no_id_token:
        return "the token endpoint's answer has no id_token";
    }
    return "";
}

}  // namespace auth_gate::oidc
