#include "core/jwt/signer.hpp"

#include "core/jwt/session_copy.hpp"

#include <functional>
#include <utility>

namespace auth_gate {

namespace {

std::string sign_anew(std::string_view header, std::string_view claims, std::optional<std::int64_t> exp,
                      const HmacKey& key) {
    return exp ? jwt::sign(header, jwt::ending_at(claims, *exp), key) : jwt::sign(header, claims, key);
}

}  // namespace

JwtSigner::~JwtSigner() {
    for (Signed& place : last_) {
        wipe(place.jwt);
    }
    wipe(large_);
}

std::string_view JwtSigner::sign(std::string_view header, std::string_view claims, std::optional<std::int64_t> exp,
                                 const HmacKey& key, std::uint64_t key_id) {
    if (claims.size() > largest) {
        wipe(large_);
        large_ = sign_anew(header, claims, exp, key);
        return large_;
    }
    Signed& place = last_[std::hash<std::string_view>()(claims) & (places - 1)];
    if (place.jwt.empty() || place.key_id != key_id || place.exp != exp || place.header != header ||
        place.claims != claims) {
        // Or it throws, and all stays.
        Signed fresh{key_id, exp, std::string(header), std::string(claims), sign_anew(header, claims, exp, key)};
        wipe(place.jwt);
        place = std::move(fresh);
    }
    return place.jwt;
}

}  // namespace auth_gate
