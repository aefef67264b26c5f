// A user who has logged in gets a session: its JWT in a cookie, or a one-time code for which /exchange gives the JWT.

#include "nginx/gate/cors.hpp"
#include "nginx/ngx/clock.hpp"
#include "nginx/ngx/headers.hpp"
#include "nginx/oidc/cookies.hpp"
#include "nginx/oidc/session_mfa.hpp"
#include "nginx/oidc/steps.hpp"

#include "core/base/crypto.hpp"
#include "core/http/query.hpp"
#include "core/http/url.hpp"
#include "core/identity/account.hpp"
#include "core/jwt/jwt.hpp"
#include "core/oidc/login_session.hpp"
#include "core/oidc/session_header.hpp"
#include "core/token/token.hpp"

#include <array>
#include <optional>

namespace auth_gate {

namespace {

constexpr std::uint64_t code_lifetime_ms = 60'000;

constexpr std::string_view code_required = R"({"error":"Code required"})";
constexpr std::string_view invalid_code = R"({"error":"Invalid or expired code"})";

// With a session cookie: sign_session(), give_cookie(). Otherwise: keep_code(), give_code(), and then at /exchange
// redeem_one_time_code(), sign_session(), give_jwt().
void sign_session(LoginRequest& login, LoginRequest::Step next);
void give_cookie(LoginRequest& login);
void keep_code(LoginRequest& login);
void give_code(LoginRequest& login);
void redeem_one_time_code(LoginRequest& login);
void give_jwt(LoginRequest& login);

// Of the JWT that this login signs: the first key does.
std::uint64_t scope_of(const LoginRequest& login) {
    return login.conf.jwt.scopes->front();
}

// JWTs of one user that are signed in the same second are the same text, even if the application signs one of them.
// What is remembered of this session alone needs a header with a random value (RFC 7515, 4.3).
std::optional<std::string> unique_header(const OidcProvider& provider) {
    std::array<std::uint8_t, 16> random;
    if (!random_bytes(random)) {
        return std::nullopt;
    }
    std::string session(2 * random.size(), '\0');
    to_hex(random, session.data());
    return oidc::session_header(session, provider.needs_own_mfa() ? provider.name : "");
}

}  // namespace

void hand_out_session(LoginRequest& login, const UserId& user) {
    login.answers.user = user;
    auto claims = login.provider().session_claims.of(login.answers.claims.get());
    if (!claims) {
        fail(login, oidc::LoginError::server_error,
             "the claims that session_claim names are larger than " + std::to_string(oidc::SessionClaims::largest) +
                 " bytes");
        return;
    }
    login.answers.session_claims = std::move(*claims);
    keep_way_home(login, [](LoginRequest& self) {
        if (self.conf.oidc.session_cookie.len != 0) {
            sign_session(self, give_cookie);
        } else {
            keep_code(self);
        }
    });
}

namespace {

// The JWT is good once `kept` is true: a session whose MFA cannot be remembered is not handed out.
void sign_session(LoginRequest& login, LoginRequest::Step next) {
    const std::int64_t now = wall_clock();
    const OidcProvider& provider = login.provider();
    const ProviderAnswers& answers = login.answers;
    const bool is_marked = answers.mfa || provider.needs_own_mfa();
    const auto header = is_marked ? unique_header(provider) : std::string(jwt::usual_header);
    login.kept.cancel();
    if (header) {
        login.jwt = jwt::sign(*header,
                              jwt::minimal_claims(answers.user, view(login.conf.jwt.user_claim), now,
                                                  now + provider.session_ttl, answers.session_claims),
                              login.conf.jwt.keys->keys.front());
    }
    if (!header || !answers.mfa) {
        login.kept.answer(header.has_value());
    } else {
        remember_session_mfa(login.store, provider, login.jwt, scope_of(login), answers.user, provider.session_ttl,
                             login.kept);
    }
    login.when_ready(login.kept, next);
}

bool is_session_kept(const LoginRequest& login) {
    if (!login.kept.value()) {
        login.log(NGX_LOG_ERR, "storing the session's MFA", "no randomness, or no room in the store");
    }
    return login.kept.value();
}

void give_cookie(LoginRequest& login) {
    if (!is_session_kept(login)) {
        fail_callback(login);
        return;
    }
    remove_flow_cookie(login, login.flow_cookie);
    set_cookie(login, view(login.conf.oidc.session_cookie), login.jwt, "/", login.provider().session_ttl);
    login.redirect(login.flow.return_path.empty() ? "/" : login.flow.return_path);
}

void keep_code(LoginRequest& login) {
    const ProviderAnswers& answers = login.answers;
    auto code = make_token_text();
    auto payload = oidc::pack(
        oidc::LoginSession{login.config.key, answers.user, answers.mfa, login.flow.binding, answers.session_claims});
    login.kept.cancel();
    if (code && payload) {
        login.one_time_code = code->view();
        login.store.put(oidc::RecordKind::code, code->digest, account_owner(scope_of(login), answers.user), *payload,
                        code_lifetime_ms, login.kept);
        wipe(code->text.data(), code->text.size());
    } else {
        login.kept.answer(false);
    }
    login.when_ready(login.kept, give_code);
}

void give_code(LoginRequest& login) {
    const auto cookie = find_flow_cookie(login, login.flow.binding);
    if (!login.kept.value() || !cookie) {
        login.log(NGX_LOG_ERR, "making a one-time code", "no randomness, or no room in the store");
        fail_callback(login);
        return;
    }
    set_flow_cookie(login, *cookie, code_lifetime_ms / 1000);
    std::string address = login.provider().login_page;
    url::add_parameter(address, "oidc_code", login.one_time_code);
    if (!login.flow.return_path.empty()) {
        url::add_parameter(address, "return", login.flow.return_path);
    }
    login.redirect(address);
    wipe(address);
}

}  // namespace

void begin_exchange(LoginRequest& login) {
    std::string code;
    std::size_t count = 0;
    query::each(login.query, "code", [&](std::string_view raw) {
        code = query::decode(raw);
        ++count;
    });
    if (code.empty()) {
        login.answer(NGX_HTTP_BAD_REQUEST, code_required);
        return;
    }
    const auto digest = count == 1 ? token_digest(code) : std::nullopt;
    wipe(code);
    if (digest) {
        login.store.take(oidc::RecordKind::code, *digest, login.record);
    } else {
        login.record.answer({});
    }
    login.when_ready(login.record, redeem_one_time_code);
}

namespace {

// Any page can lead a browser to a page of this site with somebody else's code. What browsers say about a request
// (Fetch Metadata) tells the site's pages from other clients, which need no cookie. Pages that auth_gate_cors names are
// the site's, too.
bool is_asked_by_own_page(const LoginRequest& login) {
    return find_header(login.r, "sec-fetch-site") == "same-origin" || is_cors_origin(login.r, login.conf);
}

void redeem_one_time_code(LoginRequest& login) {
    const oidc::Record& record = login.record.value();
    auto session = record.found ? oidc::unpack_session(record.payload()) : std::nullopt;
    login.record.cancel();
    if (!session || session->provider != login.config.key) {
        login.log(NGX_LOG_INFO, "exchange", "the code is unknown, expired or already used");
        login.answer(NGX_HTTP_BAD_REQUEST, invalid_code);
        return;
    }
    if (const auto cookie = find_flow_cookie(login, session->binding)) {
        remove_flow_cookie(login, cookie->name);
    } else if (is_asked_by_own_page(login)) {
        login.log(NGX_LOG_INFO, "exchange", "the code belongs to another browser");
        login.answer(NGX_HTTP_BAD_REQUEST, invalid_code);
        return;
    }
    login.answers.user = std::move(session->user);
    login.answers.mfa = session->mfa;
    login.answers.session_claims = std::move(session->claims);
    sign_session(login, give_jwt);
}

void give_jwt(LoginRequest& login) {
    if (!is_session_kept(login)) {
        fail_exchange(login);
        return;
    }
    std::string body = R"({"token":")" + login.jwt + "\"}";
    login.answer(NGX_HTTP_OK, body);
    wipe(body);
}

}  // namespace

void fail_exchange(LoginRequest& login) {
    login.answer(NGX_HTTP_SERVICE_UNAVAILABLE, service_unavailable);
}

}  // namespace auth_gate
