// Whom the verified claims are about in the application: userinfo adds to them, and then a claim or the application
// says.

#include "nginx/ngx/clock.hpp"
#include "nginx/oidc/steps.hpp"

#include "core/base/crypto.hpp"
#include "core/oidc/user.hpp"
#include "core/oidc/userinfo.hpp"

namespace auth_gate {

namespace {

using oidc::LoginError;

constexpr std::string_view access_denied = "access_denied";  // as a provider itself says it (RFC 6749, 4.1.2.1)

// The steps after find_user(), in order.
void read_userinfo(LoginRequest& login);
void add_userinfo(LoginRequest& login);
void name_user(LoginRequest& login);
void read_application_answer(LoginRequest& login);

bool meets_requirements(const OidcProvider& provider, const json_t* claims) {
    return provider.requirements.met_by(json::Claims::parse_object(json::to_json(claims))) &&
           (!provider.requires_email || oidc::has_verified_email(claims));
}

// Whether the id_token alone says who it is. What the application wants to know is not known here.
bool id_token_suffices(LoginRequest& login) {
    const OidcProvider& provider = login.provider();
    const json_t* claims = login.answers.claims.get();
    return provider.user_uri.len == 0 && meets_requirements(provider, claims) &&
           oidc::user_from_claims(claims, provider.user_claim).status == oidc::UserStatus::ok;
}

}  // namespace

void find_user(LoginRequest& login) {
    const std::string& endpoint = login.documents.metadata.userinfo_endpoint;
    if (endpoint.empty() || !login.provider().asks_userinfo()) {
        name_user(login);
        return;
    }
    HttpRequest request = request_to(login.config, endpoint);
    request.headers = {"Accept: application/json, application/jwt"};
    request.headers.push_back("Authorization: Bearer " + login.answers.access_token);
    login.with_http_answer(request, read_userinfo);
    wipe(request.headers.back());
}

namespace {

void read_userinfo(LoginRequest& login) {
    const HttpAnswer& http = login.http.value();
    if (http.failure != nullptr) {
        fail(login, LoginError::server_error, "requesting userinfo: " + std::string(http.failure));
        return;
    }
    const std::string status = "the userinfo endpoint answered " + std::to_string(http.status);
    if ((http.status == 401 || http.status == 403) && id_token_suffices(login)) {
        // The access token may be for another API than userinfo.
        login.note(NGX_LOG_WARN, status + ", and nothing from it is needed: \"userinfo off\" does not ask it");
        name_user(login);
        return;
    }
    if (http.status != 200) {
        fail(login, LoginError::server_error, status);
        return;
    }
    add_userinfo(login);
}

void add_userinfo(LoginRequest& login) {
    oidc::Userinfo userinfo =
        oidc::with_userinfo(login.answers.claims.get(), login.http.value().body,
                            {
                                .keys = login.documents.keys,
                                .issuer = json::string(json::member(login.answers.claims.get(), "iss")).value_or(""),
                                .client_id = login.config.values.client_id,
                                .now = wall_clock(),
                                .leeway = login.provider().leeway,
                            });
    if (userinfo.status == oidc::UserinfoStatus::wrong_key && !login.documents.keys_renewed) {
        login.documents.keys_renewed = true;
        login.with_keys(add_userinfo, add_userinfo);
        return;
    }
    if (userinfo.status == oidc::UserinfoStatus::ok) {
        login.answers.claims = std::move(userinfo.claims);
        name_user(login);
        return;
    }
    const bool another = userinfo.status == oidc::UserinfoStatus::no_subject ||
                         userinfo.status == oidc::UserinfoStatus::subject_mismatch;
    fail(login, another ? LoginError::subject_mismatch : LoginError::server_error, oidc::sentence(userinfo.status));
}

void name_user(LoginRequest& login) {
    const OidcProvider& provider = login.provider();
    if (provider.assumes_email_verified) {
        oidc::assume_email_verified(login.answers.claims.get());
    }
    const json_t* claims = login.answers.claims.get();
    if (!meets_requirements(provider, claims)) {
        fail_with(login, access_denied, "the user's claims do not meet \"require\"", NGX_LOG_INFO);
        return;
    }
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

}  // namespace auth_gate
