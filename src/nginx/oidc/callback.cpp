// The callback: from what the browser brings back to a user of the application.

#include "nginx/oidc/cookies.hpp"
#include "nginx/oidc/handlers.hpp"
#include "nginx/oidc/zone.hpp"

#include "core/base/crypto.hpp"
#include "core/http/url.hpp"
#include "core/oidc/callback.hpp"
#include "core/oidc/id_token.hpp"
#include "core/oidc/token_request.hpp"

namespace auth_gate {

namespace {

using oidc::LoginError;

void end_with(OidcRequest& login, std::string_view code) {
    if (!login.flow_cookie.empty()) {
        remove_flow_cookie(login, login.flow_cookie);
    }
    std::string address = login.provider().login_page;
    url::add_parameter(address, "oidc_error", code);
    login.redirect(address);
}

void fail_with(OidcRequest& login, std::string_view code, std::string_view why, ngx_uint_t level) {
    login.log(level, code, why);
    end_with(login, code);
}

// A failure of the provider's or the application's is the operator's to look at, a client's is not.
void fail(OidcRequest& login, LoginError error, std::string_view why, ngx_uint_t level = NGX_LOG_ERR) {
    fail_with(login, oidc::code_of(error), why, level);
}

// The flow is gone from the zone by this, whatever becomes of it. False: it is none of this browser's.
bool take_flow(OidcRequest& login, std::string_view state) {
    const OidcTable::Found found = login.zone.take(OidcTable::Kind::flow, sha256(state));
    auto flow = found.found ? oidc::unpack_flow(found.payload()) : std::nullopt;
    if (!flow || flow->provider != login.config.key || !find_flow_cookie(login, flow->binding)) {
        return false;
    }
    login.flow = std::move(*flow);
    return true;
}

void read_application(OidcRequest& login) {
    const auto answer = oidc::parse_application_answer(static_cast<unsigned>(login.http.status), login.http.body);
    if (answer.user) {
        hand_out_session(login, *answer.user);
        return;
    }
    const bool refused = login.http.status >= 400 && login.http.status < 500;
    fail_with(login, answer.error,
              "the application said " + std::to_string(login.http.status) + " to the user's claims",
              refused ? NGX_LOG_INFO : NGX_LOG_ERR);
}

void find_user(OidcRequest& login) {
    const OidcProvider& provider = login.provider();
    if (provider.user_uri.len != 0) {
        login.with_application(oidc::question_about(login.claims.get(), login.flow.invite), read_application);
        return;
    }
    const oidc::UserFromClaims found = oidc::user_from_claims(login.claims.get(), provider.user_claim);
    if (found.status == oidc::UserStatus::ok) {
        hand_out_session(login, found.user);
        return;
    }
    const bool about_email = provider.user_claim == "email";
    fail(login, about_email ? LoginError::no_email : LoginError::server_error, oidc::sentence(found.status),
         found.status == oidc::UserStatus::email_not_verified ? NGX_LOG_INFO : NGX_LOG_ERR);
}

void read_userinfo(OidcRequest& login) {
    if (login.http.failure != nullptr || login.http.status != 200) {
        fail(login, LoginError::server_error,
             login.http.failure != nullptr ? "asking for userinfo: " + std::string(login.http.failure)
                                           : "userinfo's status is " + std::to_string(login.http.status));
        return;
    }
    oidc::Userinfo userinfo = oidc::with_userinfo(login.claims.get(), login.http.body);
    if (userinfo.status == oidc::UserinfoStatus::ok) {
        login.claims = std::move(userinfo.claims);
        find_user(login);
        return;
    }
    const bool bad_answer = userinfo.status == oidc::UserinfoStatus::not_json;
    fail(login, bad_answer ? LoginError::server_error : LoginError::subject_mismatch, oidc::sentence(userinfo.status));
}

void ask_userinfo(OidcRequest& login) {
    if (login.metadata.userinfo_endpoint.empty()) {
        find_user(login);
        return;
    }
    HttpRequest request = request_to(login.config, login.metadata.userinfo_endpoint);
    request.headers.push_back("Authorization: Bearer " + login.access_token);
    login.with_answer(request, read_userinfo);
    wipe(request.headers.back());
}

void verify(OidcRequest& login) {
    oidc::IdToken token = oidc::verify_id_token(login.id_token, login.keys,
                                                {
                                                    .issuer = login.metadata.issuer,
                                                    .client_id = login.config.values.client_id,
                                                    .nonce = login.flow.nonce,
                                                    .access_token = login.access_token,
                                                    .now = ngx_time(),
                                                    .leeway = login.provider().leeway,
                                                });
    if (token.status == oidc::IdTokenStatus::unknown_key && !login.keys_renewed) {
        // The provider may have a new one.
        login.keys_renewed = true;
        login.with_keys(verify, [](OidcRequest& self) {
            fail(self, LoginError::id_token_invalid, oidc::sentence(oidc::IdTokenStatus::unknown_key));
        });
        return;
    }
    if (token.status != oidc::IdTokenStatus::valid) {
        fail(login, LoginError::id_token_invalid, oidc::sentence(token.status));
        return;
    }
    login.mfa = login.provider().mfa_trust.met_by(token.claims.get());
    login.claims = std::move(token.claims);
    ask_userinfo(login);
}

void read_tokens(OidcRequest& login) {
    if (login.http.failure != nullptr) {
        fail(login, LoginError::token_failed, "asking for tokens: " + std::string(login.http.failure));
        return;
    }
    oidc::TokenAnswer answer = oidc::parse_token_answer(static_cast<unsigned>(login.http.status), login.http.body);
    switch (answer.status) {
    case oidc::TokenAnswerStatus::ok:
        login.id_token = std::move(answer.id_token);
        login.access_token = std::move(answer.access_token);
        login.with_keys(verify, [](OidcRequest& self) { fail(self, LoginError::server_error, "there are no keys"); });
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
    why += ", status " + std::to_string(login.http.status);
    why += answer.error.empty() ? "" : ", " + answer.error;
    // The code is what the browser brought, and whoever has a state may bring any.
    fail(login, LoginError::token_failed, why,
         answer.status == oidc::TokenAnswerStatus::refused ? NGX_LOG_INFO : NGX_LOG_ERR);
}

void redeem_code(OidcRequest& login, const oidc::Callback& callback) {
    const std::string back = redirect_uri(login);
    oidc::TokenRequestText text = oidc::token_request(
        {
            .client_id = login.config.values.client_id,
            .client_secret = login.config.values.client_secret,
            .code = callback.code,
            .redirect_uri = back,
            .verifier = login.flow.verifier,
        },
        login.metadata.client_authentication);
    HttpRequest request = request_to(login.config, login.metadata.token_endpoint);
    request.form = std::move(text.body);
    if (!text.authorization.empty()) {
        request.headers.push_back("Authorization: " + text.authorization);
    }
    login.with_answer(request, read_tokens);
    wipe(request.form);
    wipe(request.headers.back());
    wipe(text.authorization);
}

// An error is the provider's as a code is: only when it says so (RFC 9207, 2.4).
void read_callback(OidcRequest& login) {
    const oidc::Callback callback = oidc::parse_callback(login.query);
    if (!oidc::issuer_fits(callback, login.metadata)) {
        fail(login, LoginError::invalid_state, "iss is missing, or names another provider", NGX_LOG_INFO);
    } else if (callback.status == oidc::Callback::Status::refused) {
        fail_with(login, callback.error, "the provider said so", NGX_LOG_INFO);
    } else {
        redeem_code(login, callback);
    }
}

}  // namespace

void begin_callback(OidcRequest& login) {
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
        fail(login, LoginError::not_configured, "the configuration is not complete", NGX_LOG_WARN);
        return;
    case ConfigFault::issuer_not_https:
        fail(login, LoginError::issuer_not_https, "the issuer is not https", NGX_LOG_WARN);
        return;
    }
    login.flow_cookie = flow_cookie_name(login, callback.state);
    if (!take_flow(login, callback.state)) {
        fail(login, LoginError::invalid_state, "the state is unknown, expired, used, or another browser's",
             NGX_LOG_INFO);
        return;
    }
    login.with_metadata(read_callback,
                        [](OidcRequest& self) { fail(self, LoginError::server_error, "there is no metadata"); });
}

void fail_callback(OidcRequest& login) {
    end_with(login, oidc::code_of(LoginError::server_error));
}

}  // namespace auth_gate
