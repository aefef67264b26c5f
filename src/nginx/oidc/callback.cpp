// /callback: from what the browser brings back to the verified claims of an id_token.

#include "nginx/ngx/clock.hpp"
#include "nginx/oidc/cookies.hpp"
#include "nginx/oidc/steps.hpp"

#include "core/base/crypto.hpp"
#include "core/http/url.hpp"
#include "core/oidc/callback.hpp"
#include "core/oidc/error.hpp"
#include "core/oidc/id_token.hpp"
#include "core/oidc/token_request.hpp"

namespace auth_gate {

namespace {

using oidc::LoginError;

// The steps after begin_callback(), in order.
void check_flow(LoginRequest& login);
void check_issuer(LoginRequest& login);
void redeem_code(LoginRequest& login, const oidc::Callback& callback);
void read_tokens(LoginRequest& login);
void verify_id_token(LoginRequest& login);

void end_with(LoginRequest& login, std::string_view code, std::string_view description = "") {
    if (!login.flow_cookie.empty()) {
        remove_flow_cookie(login, login.flow_cookie);
    }
    std::string address = login.provider().login_page;
    url::add_parameter(address, "oidc_error", code);
    if (!description.empty()) {
        url::add_parameter(address, "oidc_error_description", description);
    }
    login.redirect(address);
}

}  // namespace

void fail_with(LoginRequest& login, std::string_view code, std::string_view why, ngx_uint_t level) {
    login.log(level, code, why);
    end_with(login, code);
}

void fail(LoginRequest& login, LoginError error, std::string_view why, ngx_uint_t level) {
    fail_with(login, oidc::code_of(error), why, level);
}

void begin_callback(LoginRequest& login) {
    const oidc::Callback callback = oidc::parse_callback(login.query);
    switch (callback.status) {
    case oidc::Callback::Status::incomplete:
    case oidc::Callback::Status::malformed:
        fail(login, LoginError::missing_params, oidc::sentence(callback.status), NGX_LOG_INFO);
        return;
    case oidc::Callback::Status::refused_unasked:
        fail_with(login, callback.error, oidc::sentence(callback.status), NGX_LOG_INFO);
        return;
    case oidc::Callback::Status::bad_state:
        fail(login, LoginError::invalid_state, oidc::sentence(callback.status), NGX_LOG_INFO);
        return;
    case oidc::Callback::Status::code:
    case oidc::Callback::Status::refused:
        break;
    }
    switch (fault_of(login.config)) {
    case ConfigFault::none:
        break;
    case ConfigFault::not_configured:
    case ConfigFault::no_app_url:
        fail(login, LoginError::not_configured, "the configuration is incomplete", NGX_LOG_WARN);
        return;
    case ConfigFault::private_address:
        fail(login, LoginError::server_error, private_address, NGX_LOG_WARN);
        return;
    case ConfigFault::issuer_not_https:
        fail(login, LoginError::issuer_not_https, "the issuer is not an https URL", NGX_LOG_WARN);
        return;
    }
    login.flow_cookie = flow_cookie_name(login, callback.state);
    login.store.take(oidc::RecordKind::flow, sha256(callback.state), login.record);
    login.when_ready(login.record, check_flow);
}

namespace {

// The flow has left the store, whatever comes of it here.
void check_flow(LoginRequest& login) {
    const oidc::Record& record = login.record.value();
    auto flow = record.found ? oidc::unpack_flow(record.payload()) : std::nullopt;
    login.record.cancel();
    if (!flow || flow->provider != login.config.key || !find_flow_cookie(login, flow->binding)) {
        if (has_good_session(login)) {
            lead_home(login);
            return;
        }
        fail(login, LoginError::invalid_state, "the state is unknown, expired, already used, or another browser's",
             NGX_LOG_INFO);
        return;
    }
    login.flow = std::move(*flow);
    login.with_metadata(check_issuer, [](LoginRequest& self) {
        fail(self, LoginError::server_error, "the provider's metadata is unavailable");
    });
}

// An error is believed on the same condition as a code: it must come from this provider (RFC 9207, 2.4).
void check_issuer(LoginRequest& login) {
    const oidc::Callback callback = oidc::parse_callback(login.query);
    if (!oidc::issuer_fits(callback, login.documents.metadata)) {
        fail(login, LoginError::invalid_state, "iss is missing or names another provider", NGX_LOG_INFO);
    } else if (callback.status == oidc::Callback::Status::refused) {
        const std::string why = "the provider refused the login" + oidc::logged_description(callback.description);
        login.log(NGX_LOG_INFO, callback.error, why);
        end_with(login, callback.error, callback.description);
    } else {
        redeem_code(login, callback);
    }
}

void redeem_code(LoginRequest& login, const oidc::Callback& callback) {
    const std::string redirect_uri = login.redirect_uri();
    oidc::TokenRequestText text = oidc::token_request(
        {
            .client_id = login.config.values.client_id,
            .client_secret = login.config.values.client_secret,
            .code = callback.code,
            .redirect_uri = redirect_uri,
            .verifier = login.flow.verifier,
            .token_endpoint = login.documents.metadata.token_endpoint,
            .now = wall_clock(),
            .client_key = login.provider().client_key ? &*login.provider().client_key : nullptr,
        },
        login.documents.metadata.client_authentication);
    HttpRequest request = request_to(login.config, login.documents.metadata.token_endpoint);
    request.form = std::move(text.body);
    if (!text.authorization.empty()) {
        request.headers.push_back("Authorization: " + text.authorization);
    }
    login.with_http_answer(request, read_tokens);
    wipe(request.form);
    wipe(request.headers.back());
    wipe(text.authorization);
}

void read_tokens(LoginRequest& login) {
    const HttpAnswer& http = login.http.value();
    if (http.failure != nullptr) {
        fail(login, LoginError::token_failed, "requesting tokens: " + std::string(http.failure));
        return;
    }
    oidc::TokenAnswer answer = oidc::parse_token_answer(static_cast<unsigned>(http.status), http.body);
    switch (answer.status) {
    case oidc::TokenAnswerStatus::ok:
        login.answers.id_token = std::move(answer.id_token);
        login.answers.access_token = std::move(answer.access_token);
        login.with_keys(verify_id_token, [](LoginRequest& self) {
            fail(self, LoginError::server_error, "the provider's keys are unavailable");
        });
        return;
    case oidc::TokenAnswerStatus::no_id_token:
        fail(login, LoginError::no_id_token, oidc::sentence(answer.status));
        return;
    case oidc::TokenAnswerStatus::refused:
    case oidc::TokenAnswerStatus::client_refused:
    case oidc::TokenAnswerStatus::bad_http_status:
    case oidc::TokenAnswerStatus::not_json:
    case oidc::TokenAnswerStatus::no_access_token:
    case oidc::TokenAnswerStatus::wrong_token_type:
        break;
    }
    std::string why(oidc::sentence(answer.status));
    why += ", status " + std::to_string(http.status);
    why += answer.error.empty() ? "" : ", " + answer.error;
    why += oidc::logged_description(answer.description);
    // The code comes from the browser, and anybody with a state can send any code.
    fail(login, LoginError::token_failed, why,
         answer.status == oidc::TokenAnswerStatus::refused ? NGX_LOG_INFO : NGX_LOG_ERR);
}

void verify_id_token(LoginRequest& login) {
    const oidc::IdTokenChecks checks = {
        .issuer = login.documents.metadata.issuer,
        .client_id = login.config.values.client_id,
        .nonce = login.flow.nonce,
        .nonce_optional = login.provider().nonce_is_optional(),
        .access_token = login.answers.access_token,
        .now = wall_clock(),
        .leeway = login.provider().leeway,
        .tenants = login.provider().tenants,
    };
    oidc::IdToken token = oidc::verify_id_token(login.answers.id_token, login.documents.keys, checks);
    const bool other_keys_may_fit =
        token.status == oidc::IdTokenStatus::unknown_key || token.status == oidc::IdTokenStatus::bad_signature;
    if (other_keys_may_fit && !login.documents.keys_renewed) {
        // The provider may have a new key, with another kid, the same, or none. Without newer keys this fails again.
        login.documents.keys_renewed = true;
        login.with_keys(verify_id_token, verify_id_token);
        return;
    }
    if (token.status != oidc::IdTokenStatus::valid) {
        // Anybody with an account in another tenant can log in there.
        fail(login, LoginError::id_token_invalid, oidc::sentence(token.status),
             token.status == oidc::IdTokenStatus::wrong_tenant ? NGX_LOG_INFO : NGX_LOG_ERR);
        return;
    }
    login.answers.mfa = login.provider().mfa_trust.met_by(token.claims.get());
    login.answers.claims = std::move(token.claims);
    find_user(login);
}

}  // namespace

void fail_callback(LoginRequest& login) {
    end_with(login, oidc::code_of(LoginError::server_error));
}

}  // namespace auth_gate
