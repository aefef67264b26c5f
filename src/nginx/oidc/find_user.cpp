// Whom the verified claims are about in the application: userinfo adds to them, and then a claim or the application
// says.

#include "nginx/ngx/clock.hpp"
#include "nginx/oidc/claim_variable.hpp"
#include "nginx/oidc/steps.hpp"

#include "core/base/crypto.hpp"
#include "core/oidc/user.hpp"
#include "core/oidc/userinfo.hpp"

namespace auth_gate {

namespace {

using oidc::LoginError;

constexpr std::string_view email = "email";
constexpr std::string_view access_denied = "access_denied";  // as a provider itself says it (RFC 6749, 4.1.2.1)

// The steps after find_user(), in order.
void read_userinfo(LoginRequest& login);
void add_userinfo(LoginRequest& login);
void name_user(LoginRequest& login);
void read_claim(LoginRequest& login);
void read_variable(LoginRequest& login);
void read_application_answer(LoginRequest& login);

oidc::UserFromClaims user_from(const OidcUserId& id, const json_t* claims) {
    return oidc::user_from_claims(claims, id.claim, id.type);
}

bool meets_requirements(const OidcProvider& provider, const json_t* claims) {
    return provider.requirements.met_by(json::Claims::parse_object(json::to_json(claims))) &&
           (!provider.requires_email || oidc::has_verified_email(claims));
}

// Whether the id_token alone says who it is. What the application wants to know is not known here.
bool id_token_suffices(LoginRequest& login) {
    const OidcProvider& provider = login.provider();
    const json_t* claims = login.answers.claims.get();
    return !provider.user_id.claim.empty() && meets_requirements(provider, claims) &&
           user_from(provider.user_id, claims).status == oidc::UserStatus::ok;
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
    login.answers.are_complete = true;
    if (provider.user_id.uri.len != 0) {
        login.with_application_answer(read_application_answer);
    } else if (!provider.user_id.variable.empty()) {
        read_variable(login);
    } else {
        read_claim(login);
    }
}

void read_claim(LoginRequest& login) {
    const OidcUserId& id = login.provider().user_id;
    const oidc::UserFromClaims found = user_from(id, login.answers.claims.get());
    if (found.status == oidc::UserStatus::ok) {
        hand_out_session(login, found.user);
        return;
    }
    const bool about_email = id.claim == email;
    fail(login, about_email ? LoginError::no_email : LoginError::server_error, oidc::sentence(found.status),
         found.status == oidc::UserStatus::email_not_verified ? NGX_LOG_INFO : NGX_LOG_ERR);
}

// What `set` or a regular expression has stored before is not about this person, so only what nginx computes now
// counts.
std::string_view computed_now(ngx_http_request_t* r, ngx_int_t index) noexcept {
    const auto i = static_cast<ngx_uint_t>(index);
    r->variables[i].valid = 0;
    r->variables[i].not_found = 0;
    const ngx_http_variable_value_t* value = ngx_http_get_indexed_variable(r, i);
    return value == nullptr || value->not_found == 1 ? std::string_view()
                                                     : std::string_view(chars(value->data), value->len);
}

// A map that nginx has computed before, or one of something else, says nothing about this person.
void fail_without_claims(LoginRequest& login, std::string_view what) {
    fail(login, LoginError::server_error, std::string(what) + " does not use the user's claims");
}

// A claim alone keeps its type: what no id can be is none as a text either.
oidc::UserFromClaims user_from_variable(LoginRequest& login, const OidcUserId& id) {
    const std::string_view text = computed_now(login.r, id.variable_index);
    if (text.empty() || !is_claim_variable(id.variable)) {
        return oidc::user_from_text(text, id.type);
    }
    const auto name = std::string_view(id.variable).substr(claim_variable_prefix.size());
    auto user = UserId::from_json(oidc::claim_named(login.answers.claims.get(), name));
    if (!user) {
        return {oidc::UserStatus::bad_claim, {}};
    }
    return id.type == oidc::UserIdType::own ? oidc::UserFromClaims{oidc::UserStatus::ok, std::move(*user)}
                                            : oidc::user_from_text(text, id.type);
}

void read_variable(LoginRequest& login) {
    const OidcUserId& id = login.provider().user_id;
    const oidc::UserFromClaims found = user_from_variable(login, id);
    const std::string variable = "the variable $" + id.variable;
    if (!login.answers.claims_were_read) {
        fail_without_claims(login, variable);
    } else if (found.status == oidc::UserStatus::ok) {
        hand_out_session(login, found.user);
    } else if (found.status == oidc::UserStatus::no_claim) {
        const bool about_email =
            is_claim_variable(id.variable) && id.variable.substr(claim_variable_prefix.size()) == email;
        fail(login, about_email ? LoginError::no_email : LoginError::registration_disabled,
             variable + " is empty for the user's claims", NGX_LOG_INFO);
    } else {
        fail(login, LoginError::server_error, variable + ": " + std::string(oidc::sentence(found.status)));
    }
}

void read_application_answer(LoginRequest& login) {
    const HttpAnswer& http = login.http.value();
    const OidcUserId& id = login.provider().user_id;
    if (const std::string& claim = login.answers.lacked_claim; !claim.empty()) {
        // Without it the question was another one: an application may answer it with all its users.
        fail(login, claim == email ? LoginError::no_email : LoginError::registration_disabled,
             "user_id's location uses the claim \"" + claim + "\", which the user lacks", NGX_LOG_INFO);
        return;
    }
    if (id.by_get && !login.answers.claims_were_read) {
        fail_without_claims(login, "user_id's location");
        return;
    }
    const auto status = static_cast<unsigned>(http.status);
    const auto answer = oidc::parse_application_answer(status, http.body, id.path);
    if (answer.user) {
        hand_out_session(login, *answer.user);
        return;
    }
    const std::string_view nobody = oidc::code_of(LoginError::registration_disabled);
    const bool refused = (http.status >= 400 && http.status < 500) || answer.error == nobody;
    fail_with(login, id.by_get && http.status == 404 ? nobody : answer.error,
              "the application answered " + std::to_string(http.status) +
                  (answer.is_about_one ? " to the user's claims" : " with more than one user"),
              refused ? NGX_LOG_INFO : NGX_LOG_ERR);
}

}  // namespace

}  // namespace auth_gate
