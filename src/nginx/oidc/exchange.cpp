// What somebody who has logged in gets: a one-time code and for that the session's JWT, or the JWT in a cookie.

#include "nginx/ngx/headers.hpp"
#include "nginx/oidc/cookies.hpp"
#include "nginx/oidc/handlers.hpp"
#include "nginx/oidc/session_mfa.hpp"
#include "nginx/oidc/zone.hpp"

#include "core/base/base64url.hpp"
#include "core/base/crypto.hpp"
#include "core/http/query.hpp"
#include "core/http/url.hpp"
#include "core/jwt/jwt.hpp"
#include "core/oidc/login_session.hpp"
#include "core/token/token.hpp"

#include <array>
#include <optional>

namespace auth_gate {

namespace {

constexpr std::uint64_t code_lifetime_ms = 60'000;

constexpr std::string_view code_required = R"({"error":"Code required"})";
constexpr std::string_view invalid_code = R"({"error":"Invalid or expired code"})";
constexpr std::string_view unavailable = R"({"error":"Service unavailable"})";

std::uint64_t owner_of(const UserId& user) {
    return short_hash(sha256(user.to_json()));
}

// All JWTs of a user from one second are the same text, those that the application signs too. What is remembered of
// this session must not be said of another one: its header has a member that no other has (RFC 7515, 4.3).
std::optional<std::string> set_apart(std::string_view jwt, const HmacKey& key) {
    std::array<std::uint8_t, 16> random;
    if (!random_bytes(random)) {
        return std::nullopt;
    }
    std::string session(2 * random.size(), '\0');
    to_hex(random, session.data());
    const std::string_view payload = jwt.substr(jwt.find('.') + 1);
    std::string text = base64url::encode(R"({"alg":"HS256","typ":"JWT","sid":")" + session + "\"}");
    text += '.';
    text += payload.substr(0, payload.find('.'));
    const Digest signature = key.sign(text);
    text += '.';
    base64url::append(text, signature);
    return text;
}

// Signed now. Nothing, and said why, when the session cannot be remembered as it must be.
std::optional<std::string> sign_session(OidcRequest& login, const UserId& user, bool mfa) {
    const std::int64_t now = ngx_time();
    const std::int64_t ttl = login.provider().session_ttl;
    const HmacKey& key = login.conf.jwt.keys->keys.front();
    std::optional<std::string> jwt = jwt::sign(user, view(login.conf.jwt.user_claim), now, now + ttl, key);
    if (!mfa) {
        return jwt;
    }
    jwt = set_apart(*jwt, key);
    if (!jwt || !remember_session_mfa(login.zone, login.provider(), *jwt, owner_of(user), ttl)) {
        login.log(NGX_LOG_ERR, "keeping the session's MFA", "no randomness, or no place for it");
        return std::nullopt;
    }
    return jwt;
}

void give_cookie(OidcRequest& login, const UserId& user) {
    auto jwt = sign_session(login, user, login.mfa);
    if (!jwt) {
        fail_callback(login);
        return;
    }
    remove_flow_cookie(login, login.flow_cookie);
    set_cookie(login, view(login.conf.oidc.session_cookie), *jwt, "/", login.provider().session_ttl);
    wipe(*jwt);
    login.redirect(login.flow.return_path.empty() ? "/" : login.flow.return_path);
}

void give_code(OidcRequest& login, const UserId& user) {
    auto code = make_token_text();
    auto payload = oidc::pack(oidc::LoginSession{login.config.key, user, login.mfa, login.flow.binding});
    const auto cookie = find_flow_cookie(login, login.flow.binding);
    if (!code || !payload || !cookie ||
        !login.zone.put(OidcTable::Kind::code, code->digest, owner_of(user), *payload, code_lifetime_ms)) {
        login.log(NGX_LOG_ERR, "making a one-time code", "no randomness, or no place for it");
        fail_callback(login);
        return;
    }
    set_flow_cookie(login, *cookie, code_lifetime_ms / 1000);
    std::string address = login.provider().login_page;
    url::add_parameter(address, "oidc_code", code->view());
    if (!login.flow.return_path.empty()) {
        url::add_parameter(address, "return", login.flow.return_path);
    }
    wipe(code->text.data(), code->text.size());
    login.redirect(address);
    wipe(address);
}

// A page of the site, which whoever likes can lead a browser to with a code of theirs, is told from other clients by
// what a browser says of it (Fetch Metadata): those need no cookie.
bool is_asked_by_own_page(ngx_http_request_t* r) noexcept {
    return find_header(r, "sec-fetch-site") == "same-origin";
}

}  // namespace

void hand_out_session(OidcRequest& login, const UserId& user) {
    if (login.conf.oidc.session_cookie.len != 0) {
        give_cookie(login, user);
    } else {
        give_code(login, user);
    }
}

void begin_exchange(OidcRequest& login) {
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
    const auto found = digest ? login.zone.take(OidcTable::Kind::code, *digest) : OidcTable::Found();
    const auto session = found.found ? oidc::unpack_session(found.payload()) : std::nullopt;
    if (!session || session->provider != login.config.key) {
        login.log(NGX_LOG_INFO, "exchange", "the code is unknown, expired or used");
        login.answer(NGX_HTTP_BAD_REQUEST, invalid_code);
        return;
    }
    if (const auto cookie = find_flow_cookie(login, session->binding)) {
        remove_flow_cookie(login, cookie->name);
    } else if (is_asked_by_own_page(login.r)) {
        login.log(NGX_LOG_INFO, "exchange", "the code is another browser's");
        login.answer(NGX_HTTP_BAD_REQUEST, invalid_code);
        return;
    }
    auto jwt = sign_session(login, session->user, session->mfa);
    if (!jwt) {
        fail_exchange(login);
        return;
    }
    std::string body = R"({"token":")" + *jwt + "\"}";
    wipe(*jwt);
    login.answer(NGX_HTTP_OK, body);
    wipe(body);
}

void fail_exchange(OidcRequest& login) {
    login.answer(NGX_HTTP_SERVICE_UNAVAILABLE, unavailable);
}

}  // namespace auth_gate
