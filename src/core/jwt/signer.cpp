#include "core/jwt/signer.hpp"

#include <functional>
#include <utility>

namespace auth_gate {

JwtSigner::~JwtSigner() {
    for (Signed& place : last_) {
        wipe(place.jwt);
    }
}

std::string_view JwtSigner::sign(const UserId& user, std::string_view user_claim, std::int64_t iat, std::int64_t exp,
                                 const HmacKey& key, std::uint64_t scope) {
    Signed& place = last_[std::hash<std::string>()(user.text) & (places - 1)];
    if (place.jwt.empty() || place.scope != scope || place.iat != iat || place.exp != exp || place.user != user) {
        Signed fresh{scope, iat, exp, user, jwt::sign(user, user_claim, iat, exp, key)};  // or it throws, and all stays
        wipe(place.jwt);
        place = std::move(fresh);
    }
    return place.jwt;
}

}  // namespace auth_gate
