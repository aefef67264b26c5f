// What tests of JWTs share: keys, tokens from any header and payload, and a short way to verify one.
#pragma once

#include <span>

#include "core/base/base64url.hpp"
#include "core/jwt/jwt.hpp"
#include "unit.hpp"

namespace unit {

using namespace auth_gate;
using jwt::Status;

inline constexpr std::int64_t now = 1700000000;

inline constexpr std::string_view usual_header = R"({"alg":"HS256","typ":"JWT"})";
inline constexpr std::string_view usual_payload = R"({"id":1,"iat":1699999000,"exp":1700003600})";

inline const HmacKey& key() {
    static const HmacKey key("a secret of more than thirty-two bytes, as it should be");
    return key;
}

inline std::string base64url_of(const Digest& digest) {
    std::string out;
    base64url::append(out, digest);
    return out;
}

// `text` and its signature, whatever `text` is.
inline std::string signed_text(std::string_view text, const HmacKey& by = key()) {
    return std::string(text) + '.' + base64url_of(by.sign(text));
}

inline std::string token_of(std::string_view payload, std::string_view header = usual_header) {
    return signed_text(base64url::encode(header) + '.' + base64url::encode(payload));
}

inline jwt::Checks checks_at(std::int64_t at = now, std::int64_t leeway = 0) {
    jwt::Checks checks;
    checks.now = at;
    checks.leeway = leeway;
    return checks;
}

inline Status verify(std::string_view token, const jwt::Checks& checks = checks_at()) {
    return jwt::verify(token, std::span(&key(), 1), checks).status;
}

inline void expect_status(std::string_view token, Status wanted, std::string_view what,
                          const jwt::Checks& checks = checks_at(), const unit::Line at = unit::Line::here()) {
    const Status got = verify(token, checks);
    expect(got == wanted,
           std::string(what) + ": got \"" + std::string(sentence(got)) + "\", wanted \"" +
               std::string(sentence(wanted)) + '"',
           at);
}

}  // namespace unit
