// What was signed lately is not signed again.
#include "core/jwt/signer.hpp"

#include "jwt/kit.hpp"

using namespace auth_gate;
using namespace unit;

namespace {

std::string claims_of(int user, std::int64_t exp) {
    return R"({"id":)" + std::to_string(user) + R"(,"exp":)" + std::to_string(exp) + "}";
}

void it_signs_what_is_asked_for(void**) {
    constexpr std::string_view other_header = "eyJhbGciOiJIUzI1NiIsImtpZCI6ImEifQ";
    const HmacKey other("another secret of more than thirty-two bytes");
    JwtSigner signer;
    for (int round = 0; round < 3; ++round) {
        for (const int user : {1, 2, 3}) {
            for (const std::int64_t exp : {now + 60, now + 61}) {
                const std::string claims = claims_of(user, exp);
                for (const std::string_view header : {jwt::usual_header, other_header}) {
                    expect_equal(signer.sign(header, claims, {}, key(), 1), jwt::sign(header, claims, key()), claims);
                    expect_equal(signer.sign(header, claims, {}, other, 2), jwt::sign(header, claims, other),
                                 "another key");
                }
            }
        }
    }
}

void the_end_can_be_another(void**) {
    JwtSigner signer;
    const std::string claims = claims_of(1, now);
    for (const std::int64_t exp : {now + 1, now + 2, now + 1}) {
        expect_equal(signer.sign(jwt::usual_header, claims, exp, key(), 1),
                     jwt::sign(jwt::usual_header, claims_of(1, exp), key()), std::to_string(exp));
        expect_equal(signer.sign(jwt::usual_header, claims, {}, key(), 1), jwt::sign(jwt::usual_header, claims, key()),
                     "its own");
    }
}

void many_users_share_few_places(void**) {
    JwtSigner signer;
    for (int i = 0; i < 2000; ++i) {
        const std::string claims = claims_of(i % 500, now);
        expect_equal(signer.sign(jwt::usual_header, claims, {}, key(), 1), jwt::sign(jwt::usual_header, claims, key()),
                     claims);
    }
}

void large_claims_are_signed_each_time(void**) {
    JwtSigner signer;
    for (const std::size_t size : {2000u, 2048u, 2049u, 100000u, 3000u}) {
        const std::string claims = R"({"id":1,"a":")" + std::string(size, 'x') + "\"}";
        expect_equal(signer.sign(jwt::usual_header, claims, {}, key(), 1), jwt::sign(jwt::usual_header, claims, key()),
                     std::to_string(size));
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(it_signs_what_is_asked_for),
        cmocka_unit_test(the_end_can_be_another),
        cmocka_unit_test(many_users_share_few_places),
        cmocka_unit_test(large_claims_are_signed_each_time),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
