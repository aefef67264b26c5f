// JWTs: the input as it is, and its two lines as the header and the payload of a JWT with a good signature. A
// remembered JWT is decided like a new one.
#include "core/base/base64url.hpp"
#include "core/jwt/jwt.hpp"
#include "core/jwt/session_cache.hpp"

#include "fuzz.hpp"

using namespace auth_gate;

namespace {

void check_token(std::string_view token) {
    static const HmacKey key("0123456789abcdef0123456789abcdef");
    static SessionCache cache(std::size_t{1} << 20);
    const jwt::Checks checks{.now = 1'700'000'000, .leeway = 5};
    const jwt::Verified fresh = jwt::verify(token, {&key, 1}, checks);
    const jwt::Verified seen = cache.verify(token, {&key, 1}, 1, checks);
    const jwt::Verified again = cache.verify(token, {&key, 1}, 1, checks);
    fuzz::demand(fresh.status == seen.status && seen.status == again.status,
                 "a remembered JWT is decided like a new one");
    fuzz::demand((fresh.session != nullptr) == (fresh.status == jwt::Status::valid), "only a valid JWT is a session");
    if (fresh.session != nullptr) {
        fuzz::demand(!fresh.session->user.text.empty(), "a session has a user");
        fuzz::demand(!fresh.session->claims.member("purpose"), "a session has no purpose");
        fuzz::demand(jwt::contains_jwt(token), "a session looks like a JWT, and is masked in URLs");
    }
}

}  // namespace

void fuzz::check(std::string_view input) {
    static const HmacKey key("0123456789abcdef0123456789abcdef");
    check_token(input);
    const auto [header, payload] = two_lines(input);
    std::string token = base64url::encode(header) + '.' + base64url::encode(payload);
    const Digest signature = key.sign(token);
    token += '.';
    base64url::append(token, signature);
    check_token(token);
}
