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
                                 const HmacKey& key, std::uint64_t verifier_id) {
    Signed& place = last_[std::hash<std::string>()(user.text) & (places - 1)];
    if (place.jwt.empty() || place.verifier_id != verifier_id || place.iat != iat || place.exp != exp ||
        place.user != user) {
        Signed fresh{verifier_id, iat, exp, user,
                     jwt::sign(user, user_claim, iat, exp, key)};  // or it throws, and all stays
        wipe(place.jwt);
        place = std::move(fresh);
    }
    return place.jwt;
}

}  // namespace auth_gate
