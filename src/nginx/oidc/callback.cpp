// /callback: from what the browser brings back to a user of the application.

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
void ask_userinfo(LoginRequest& login);
void read_userinfo(LoginRequest& login);
void find_user(LoginRequest& login);
void read_application_answer(LoginRequest& login);

void end_with(LoginRequest& login, std::string_view code) {
    if (!login.flow_cookie.empty()) {
        remove_flow_cookie(login, login.flow_cookie);
    }
    std::string address = login.provider().login_page;
    url::add_parameter(address, "oidc_error", code);
    login.redirect(address);
}

void fail_with(LoginRequest& login, std::string_view code, std::string_view why, ngx_uint_t level) {
    login.log(level, code, why);
    end_with(login, code);
}

// NGX_LOG_ERR for failures of the provider or the application, which are the operator's to mend.
void fail(LoginRequest& login, LoginError error, std::string_view why, ngx_uint_t level = NGX_LOG_ERR) {
    fail_with(login, oidc::code_of(error), why, level);
}

}  // namespace

void begin_callback(LoginRequest& login) {
    const oidc::Callback callback = oidc::parse_callback(login.query);
    switch (callback.status) {
    case oidc::Callback::Status::incomplete:
    case oidc::Callback::Status::malformed:
        fail(login, LoginError::missing_params, oidc::sentence(callback.status), NGX_LOG_INFO);
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
        fail_with(login, callback.error, "the provider refused the login", NGX_LOG_INFO);
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
    // The code comes from the browser, and anybody with a state can send any code.
    fail(login, LoginError::token_failed, why,
         answer.status == oidc::TokenAnswerStatus::refused ? NGX_LOG_INFO : NGX_LOG_ERR);
}

void verify_id_token(LoginRequest& login) {
    const oidc::IdTokenChecks checks = {
        .issuer = login.documents.metadata.issuer,
        .client_id = login.config.values.client_id,
        .nonce = login.flow.nonce,
        .access_token = login.answers.access_token,
        .now = ngx_time(),
        .leeway = login.provider().leeway,
    };
    oidc::IdToken token = oidc::verify_id_token(login.answers.id_token, login.documents.keys, checks);
    if (token.status == oidc::IdTokenStatus::unknown_key && !login.documents.keys_renewed) {
        // The provider may have a new key.
        login.documents.keys_renewed = true;
        login.with_keys(verify_id_token, [](LoginRequest& self) {
            fail(self, LoginError::id_token_invalid, oidc::sentence(oidc::IdTokenStatus::unknown_key));
        });
        return;
    }
    if (token.status != oidc::IdTokenStatus::valid) {
        fail(login, LoginError::id_token_invalid, oidc::sentence(token.status));
        return;
    }
    login.answers.mfa = login.provider().mfa_trust.met_by(token.claims.get());
    login.answers.claims = std::move(token.claims);
    ask_userinfo(login);
}

void ask_userinfo(LoginRequest& login) {
    const std::string& endpoint = login.documents.metadata.userinfo_endpoint;
    if (endpoint.empty()) {
        find_user(login);
        return;
    }
    HttpRequest request = request_to(login.config, endpoint);
    request.headers.push_back("Authorization: Bearer " + login.answers.access_token);
    login.with_http_answer(request, read_userinfo);
    wipe(request.headers.back());
}

void read_userinfo(LoginRequest& login) {
    const HttpAnswer& http = login.http.value();
    if (http.failure != nullptr) {
        fail(login, LoginError::server_error, "requesting userinfo: " + std::string(http.failure));
        return;
    }
    if (http.status != 200) {
        fail(login, LoginError::server_error, "the userinfo endpoint answered " + std::to_string(http.status));
        return;
    }
    oidc::Userinfo userinfo = oidc::with_userinfo(login.answers.claims.get(), http.body);
    if (userinfo.status == oidc::UserinfoStatus::ok) {
        login.answers.claims = std::move(userinfo.claims);
        find_user(login);
        return;
    }
    const bool bad_answer = userinfo.status == oidc::UserinfoStatus::not_json;
    fail(login, bad_answer ? LoginError::server_error : LoginError::subject_mismatch, oidc::sentence(userinfo.status));
}

void find_user(LoginRequest& login) {
    const OidcProvider& provider = login.provider();
    const json_t* claims = login.answers.claims.get();
    if (provider.user_uri.len != 0) {
        login.with_application_answer(oidc::application_query(claims, login.flow.invite), read_application_answer);
        return;
    }
    const oidc::UserFromClaims found = oidc::user_from_claims(claims, provider.user_claim);
    if (found.status == oidc::UserStatus::ok) {
        hand_out_session(login, found.user);
        return;
    }
    const bool about_email = provider.user_claim == "email";
    fail(login, about_email ? LoginError::no_email : LoginError::server_error, oidc::sentence(found.status),
         found.status == oidc::UserStatus::email_not_verified ? NGX_LOG_INFO : NGX_LOG_ERR);
}

void read_application_answer(LoginRequest& login) {
    const HttpAnswer& http = login.http.value();
    const auto answer = oidc::parse_application_answer(static_cast<unsigned>(http.status), http.body);
    if (answer.user) {
        hand_out_session(login, *answer.user);
        return;
    }
    const bool refused = http.status >= 400 && http.status < 500;
    fail_with(login, answer.error, "the application answered " + std::to_string(http.status) + " to the user's claims",
              refused ? NGX_LOG_INFO : NGX_LOG_ERR);
}

}  // namespace

void fail_callback(LoginRequest& login) {
    end_with(login, oidc::code_of(LoginError::server_error));
}

}  // namespace auth_gate
