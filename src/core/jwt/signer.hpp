// Signs JWTs, and remembers the last ones: a page with a hundred pictures is one user in one second, and one JWT.
#pragma once

#include "core/jwt/jwt.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace auth_gate {

class JwtSigner {
public:
    ~JwtSigner();

    // As jwt::sign(), valid until the next call. With `exp`, the claims end then, whatever they say. `key_id` stands
    // for the key: no two keys share one.
    std::string_view sign(std::string_view header, std::string_view claims, std::optional<std::int64_t> exp,
                          const HmacKey& key, std::uint64_t key_id);

private:
    struct Signed {
        std::uint64_t key_id = 0;
        std::optional<std::int64_t> exp;
        std::string header;
        std::string claims;
        std::string jwt;  // empty: none
    };

    static constexpr std::size_t places = 64;     // a power of two
    static constexpr std::size_t largest = 2048;  // bytes of claims; more are signed each time

    std::array<Signed, places> last_;
    std::string large_;
};

}  // namespace auth_gate
