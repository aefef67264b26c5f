#include "core/jwt/signer.hpp"

#include "jwt/kit.hpp"

using namespace auth_gate;
using namespace unit;

namespace {

const UserId alice = {UserId::Kind::text, "alice"};
const UserId seven = {UserId::Kind::integer, "7"};
const UserId text_seven = {UserId::Kind::text, "7"};

void it_signs_what_is_asked_for(void**) {
    const HmacKey other("another secret of more than thirty-two bytes");
    JwtSigner signer;
    for (int round = 0; round < 3; ++round) {
        for (const UserId& user : {alice, seven, text_seven}) {
            for (const std::int64_t iat : {now, now + 1}) {
                for (const std::int64_t exp : {now + 60, now + 61}) {
                    expect_equal(signer.sign(user, "id", iat, exp, key(), 1), jwt::sign(user, "id", iat, exp, key()),
                                 user.text);
                    expect_equal(signer.sign(user, "sub", iat, exp, key(), 2), jwt::sign(user, "sub", iat, exp, key()),
                                 "another claim");
                    expect_equal(signer.sign(user, "id", iat, exp, other, 3), jwt::sign(user, "id", iat, exp, other),
                                 "another key");
                }
            }
        }
    }
}

void many_users_share_few_places(void**) {
    JwtSigner signer;
    for (int i = 0; i < 2000; ++i) {
        const UserId user = {UserId::Kind::integer, std::to_string(i % 500)};
        expect_equal(signer.sign(user, "id", now, now + 60, key(), 1), jwt::sign(user, "id", now, now + 60, key()),
                     user.text);
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(it_signs_what_is_asked_for),
        cmocka_unit_test(many_users_share_few_places),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
