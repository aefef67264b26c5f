// Signs JWTs, and remembers the last ones: a page with a hundred pictures is one user in one second, and one JWT.
#pragma once

#include "core/jwt/jwt.hpp"

#include <array>
#include <cstdint>

namespace auth_gate {

class JwtSigner {
public:
    ~JwtSigner();

    // As jwt::sign(), valid until the next call. `verifier_id` stands for the key and the user claim: no two pairs of
    // them share one.
    std::string_view sign(const UserId& user, std::string_view user_claim, std::int64_t iat, std::int64_t exp,
                          const HmacKey& key, std::uint64_t verifier_id);

private:
    struct Signed {
        std::uint64_t verifier_id = 0;
        std::int64_t iat = 0;
        std::int64_t exp = 0;
        UserId user;
        std::string jwt;  // empty: none
    };

    static constexpr std::size_t places = 64;  // a power of two

    std::array<Signed, places> last_;
};

}  // namespace auth_gate
