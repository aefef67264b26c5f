#include "oidc/kit.hpp"

namespace {

using namespace unit;
using oidc::Algorithm;
using oidc::KeySet;

constexpr Algorithm algorithms[] = {Algorithm::rs256, Algorithm::rs384, Algorithm::rs512, Algorithm::ps256,
                                    Algorithm::ps384, Algorithm::ps512, Algorithm::es256, Algorithm::es384,
                                    Algorithm::es512, Algorithm::eddsa};

const SigningKey& key_for(Algorithm algorithm) {
    switch (oidc::key_type(algorithm)) {
    case oidc::KeyType::rsa:
        return SigningKey::rsa();
    case oidc::KeyType::p256:
        return SigningKey::p256();
    case oidc::KeyType::p384:
        return SigningKey::p384();
    case oidc::KeyType::p521:
        return SigningKey::p521();
    case oidc::KeyType::ed25519:
        return SigningKey::ed25519();
    }
    return SigningKey::rsa();
}

struct Vector {
    std::string_view source;
    Algorithm algorithm;
    std::string_view jwk;
    std::string_view text;
    std::string_view signature;
};

constexpr Vector vectors[] = {
    {"RFC 7515, A.2", Algorithm::rs256,
     R"({"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"})",
     "eyJhbGciOiJSUzI1NiJ9."
     "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
     "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
     "O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_"
     "nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-"
     "eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"},
    {"RFC 7515, A.3", Algorithm::es256,
     R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})",
     "eyJhbGciOiJFUzI1NiJ9."
     "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
     "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"},
    {"RFC 8037, A.4", Algorithm::eddsa,
     R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})",
     "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
     "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"},
};

// RFC 7517, A.1, without the keys' values.
constexpr std::string_view rfc_7517_set = R"({"keys":[
    {"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"enc","kid":"1"},
    {"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}]})";

bool verifies(const KeySet& keys, Algorithm algorithm, std::string_view text, std::string_view signature) {
    const auto found = keys.find(algorithm, std::nullopt);
    return found.size() == 1 && oidc::verify_signature(*found[0], algorithm, text, signature);
}

void the_examples_of_the_rfcs_verify(void**) {
    for (const Vector& vector : vectors) {
        const KeySet keys = key_set({std::string(vector.jwk)});
        const std::string signature = base64url::decode(vector.signature).value();
        expect(verifies(keys, vector.algorithm, vector.text, signature), vector.source);
        expect(!verifies(keys, vector.algorithm, std::string(vector.text) + 'A', signature), vector.source);
    }
    const auto set = KeySet::parse(rfc_7517_set);
    expect_equal(set->size(), std::size_t{1}, "RFC 7517, A.1: the key for encryption is of no use");
    expect(!set->find(Algorithm::rs256, "2011-04-29").empty(), "RFC 7517, A.1");
    expect(set->find(Algorithm::ps256, "2011-04-29").empty(), "its alg binds it");
}

void every_algorithm_verifies_with_its_own_key_alone(void**) {
    const KeySet keys = key_set({SigningKey::rsa().jwk(), SigningKey::p256().jwk(), SigningKey::p384().jwk(),
                                 SigningKey::p521().jwk(), SigningKey::ed25519().jwk()});
    expect_equal(keys.size(), std::size_t{5}, "keys");
    for (const Algorithm signing : algorithms) {
        const std::string signature = key_for(signing).sign(signing, "text");
        for (const Algorithm checking : algorithms) {
            const auto found = keys.find(checking, std::nullopt);
            const std::string what =
                std::to_string(static_cast<int>(signing)) + " as " + std::to_string(static_cast<int>(checking));
            expect_equal(found.size(), std::size_t{1}, what);
            expect_equal(oidc::verify_signature(*found[0], checking, "text", signature), signing == checking, what);
            for (const Algorithm other : algorithms) {
                const bool same_type = &key_for(other) == &key_for(checking);
                expect(same_type || !oidc::verify_signature(*found[0], other, "text", signature),
                       what + ", another type's key");
            }
        }
    }
}

void every_changed_byte_of_a_signature_is_refused(void**) {
    for (const Algorithm algorithm : algorithms) {
        const KeySet keys = key_set({key_for(algorithm).jwk()});
        const std::string good = key_for(algorithm).sign(algorithm, "text");
        expect(verifies(keys, algorithm, "text", good), "unchanged");
        for (std::size_t at = 0; at < good.size(); ++at) {
            std::string changed = good;
            changed[at] = static_cast<char>(changed[at] ^ 1 << at % 8);
            expect(!verifies(keys, algorithm, "text", changed), "byte " + std::to_string(at));
        }
        for (const std::string& other :
             {""s, good.substr(1), good.substr(0, good.size() - 1), good + '\0', '\0' + good, good + good,
              std::string(good.size(), '\0'), std::string(good.size(), '\xff'), std::string(64, '\0')}) {
            expect(!verifies(keys, algorithm, "text", other), "another length or value");
        }
        expect(!verifies(keys, algorithm, "", good), "no text");
    }
}

void a_salt_is_as_long_as_its_hash(void**) {
    const KeySet keys = key_set({SigningKey::rsa().jwk()});
    for (const auto& [algorithm, size] :
         {std::pair(Algorithm::ps256, 32), std::pair(Algorithm::ps384, 48), std::pair(Algorithm::ps512, 64)}) {
        for (int salt : {0, 20, 31, 32, 33, 48, 64}) {
            expect_equal(verifies(keys, algorithm, "text", SigningKey::rsa().sign(algorithm, "text", salt)),
                         salt == size, std::to_string(salt));
        }
    }
    for (const EVP_MD* hash : {EVP_sha1(), EVP_sha512()}) {
        expect(!verifies(keys, Algorithm::rs256, "text", SigningKey::rsa().sign(Algorithm::rs256, "text", -1, hash)),
               "another hash");
    }
}

void only_asymmetric_algorithms_have_a_name(void**) {
    constexpr std::string_view names[] = {"RS256", "RS384", "RS512", "PS256", "PS384",
                                          "PS512", "ES256", "ES384", "ES512", "EdDSA"};
    for (std::size_t i = 0; i < std::size(names); ++i) {
        expect(oidc::algorithm_named(names[i]) == algorithms[i], names[i]);
    }
    for (std::string_view name :
         {"",      "none",  "None",  "NONE",  "HS256", "HS384", "HS512",   "RS1",    "RS224",  "ES256K",
          "ES521", "rs256", "Rs256", "eddsa", "EDDSA", "Ed448", "Ed25519", "RS256 ", " RS256", "RSA-OAEP"}) {
        expect(!oidc::algorithm_named(name), name);
    }
    expect(!oidc::algorithm_named("RS256\0"sv), "a NUL");
}

void a_key_is_found_by_kid_and_algorithm(void**) {
    const KeySet keys =
        key_set({SigningKey::rsa().jwk(R"("kid":"a","alg":"RS256")"), SigningKey::other_rsa().jwk(R"("kid":"b")"),
                 SigningKey::p256().jwk(R"("kid":"a")"), SigningKey::ed25519().jwk()});
    const std::string by_a = SigningKey::rsa().sign(Algorithm::rs256, "text");
    const std::string by_b = SigningKey::other_rsa().sign(Algorithm::rs256, "text");
    const auto good = [&](Algorithm algorithm, std::optional<std::string_view> kid, const std::string& signature) {
        const auto found = keys.find(algorithm, kid);
        return found.size() == 1 && oidc::verify_signature(*found[0], algorithm, "text", signature);
    };
    expect(good(Algorithm::rs256, "a", by_a), "a");
    expect(good(Algorithm::rs256, "b", by_b), "b");
    expect(!good(Algorithm::rs256, "a", by_b), "b's signature by a");
    expect(good(Algorithm::es256, "a", SigningKey::p256().sign(Algorithm::es256, "text")),
           "the same kid for another type");
    for (std::string_view kid : {"", "A", "a ", "c"}) {
        expect(keys.find(Algorithm::rs256, kid).empty(), kid);
    }
    expect(keys.find(Algorithm::ps256, "a").empty(), "the key's own alg is another");
    expect(!keys.find(Algorithm::ps256, "b").empty(), "a key without alg does for its type's algorithms");
    expect(keys.find(Algorithm::es256, "b").empty(), "another type");
    expect(keys.find(Algorithm::es384, "a").empty(), "another curve");
    expect(good(Algorithm::eddsa, "a", SigningKey::ed25519().sign(Algorithm::eddsa, "text")),
           "a key without a kid may be meant by any");
}

void a_key_without_a_kid_is_meant_only_if_none_has_the_tokens_kid(void**) {
    const KeySet keys = key_set({SigningKey::rsa().jwk(), SigningKey::other_rsa().jwk(R"("kid":"b")")});
    const auto verifies_with = [&](std::string_view kid, const SigningKey& signer) {
        const auto found = keys.find(Algorithm::rs256, kid);
        return found.size() == 1 &&
               oidc::verify_signature(*found[0], Algorithm::rs256, "text", signer.sign(Algorithm::rs256, "text"));
    };
    expect(verifies_with("a", SigningKey::rsa()), "no key has this kid");
    expect(verifies_with("b", SigningKey::other_rsa()), "one has");
    expect(!verifies_with("b", SigningKey::rsa()), "so the other one is not meant");
}

void without_a_kid_all_that_fit_are_found(void**) {
    const KeySet keys = key_set({SigningKey::rsa().jwk(R"("kid":"a","alg":"RS256")"),
                                 SigningKey::other_rsa().jwk(R"("kid":"b")"), SigningKey::p256().jwk(R"("kid":"a")")});
    expect_equal(keys.find(Algorithm::rs256, std::nullopt).size(), std::size_t{2}, "two fit");
    expect_equal(keys.find(Algorithm::ps256, std::nullopt).size(), std::size_t{1}, "one fits");
    expect_equal(keys.find(Algorithm::es256, std::nullopt).size(), std::size_t{1}, "one fits");
    expect(keys.find(Algorithm::eddsa, std::nullopt).empty(), "none fits");
}

void keys_of_no_use_are_left_out(void**) {
    const std::string& rsa = SigningKey::rsa().members();
    const std::string zeros = base64url::encode(std::string(32, '\0'));
    const std::string one_more = base64url::encode(std::string(33, '\1'));
    const auto rsa_with = [](std::string_view modulus, std::string_view exponent) {
        return R"({"kty":"RSA","n":")" + base64url::encode(modulus) + R"(","e":")" + base64url::encode(exponent) +
               "\"}";
    };
    const std::string n = '\xc1' + std::string(254, '\x55') + '\x55';
    expect_equal(key_set({rsa_with(n, "\1\0\1"sv)}).size(), std::size_t{1}, "2048 bits");
    const std::string rows[] = {
        "{}",
        "[]",
        "7",
        "\"a\"",
        "null",
        "{" + rsa + R"(,"use":"enc"})",
        "{" + rsa + R"(,"use":"SIG"})",
        "{" + rsa + R"(,"use":7})",
        "{" + rsa + R"(,"use":null})",
        "{" + rsa + R"(,"key_ops":["encrypt"]})",
        "{" + rsa + R"(,"key_ops":[]})",
        "{" + rsa + R"(,"key_ops":"verify"})",
        "{" + rsa + R"(,"key_ops":["sign"]})",
        "{" + rsa + R"(,"alg":"RS224"})",
        "{" + rsa + R"(,"alg":"HS256"})",
        "{" + rsa + R"(,"alg":"none"})",
        "{" + rsa + R"(,"alg":7})",
        "{" + rsa + R"(,"kid":7})",
        "{" + rsa + R"(,"kid":null})",
        R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"})",
        R"({"kty":"rsa","n":"AQAB","e":"AQAB"})",
        R"({"kty":"RSA","e":"AQAB"})",
        R"({"kty":"RSA","n":7,"e":"AQAB"})",
        R"({"kty":"RSA","n":"","e":"AQAB"})",
        R"({"kty":"RSA","n":"!","e":"AQAB"})",
        R"({"kty":"RSA","n":"AQAB","e":"AQAB"})",
        rsa_with(n.substr(0, 255) + '\x54', "\1\0\1"sv),
        rsa_with('\x7f' + n.substr(1), "\1\0\1"sv),
        rsa_with(n.substr(1), "\1\0\1"sv),
        rsa_with(n, ""),
        rsa_with(n, "\1"),
        rsa_with(n, "\2"),
        rsa_with(n, "\0"sv),
        rsa_with(n, "\1\1\1\1\1\1\1\1\1"),
        rsa_with(std::string(1025, '\xff'), "\1\0\1"sv),
        rsa_with(std::string(5000, '\xff'), "\1\0\1"sv),
        R"({"kty":"EC","crv":"P-256"})",
        R"({"kty":"EC","crv":"P-256","x":")" + zeros + R"(","y":")" + zeros + "\"}",
        R"({"kty":"EC","crv":"P-256","x":")" + one_more + R"(","y":")" + zeros + "\"}",
        R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"})",
        R"({"kty":"EC","crv":"secp256k1","x":")" + zeros + R"(","y":")" + zeros + "\"}",
        R"({"kty":"EC","crv":"P-384","x":")" + zeros + R"(","y":")" + zeros + "\"}",
        R"({"kty":"OKP","crv":"P-256","x":")" + zeros + R"(","y":")" + zeros + "\"}",
        R"({"kty":"EC","crv":"P-224","x":")" + zeros + R"(","y":")" + zeros + "\"}",
        R"({"kty":"OKP","crv":"Ed25519"})",
        R"({"kty":"OKP","crv":"Ed25519","x":")" + one_more + "\"}",
        R"({"kty":"OKP","crv":"X25519","x":")" + zeros + "\"}",
        R"({"kty":"OKP","crv":"Ed448","x":")" + zeros + "\"}",
    };
    for (const std::string& row : rows) {
        const KeySet keys =
            key_set({row, SigningKey::p256().jwk(R"("use":"sig","key_ops":["verify"],"x5t":"unknown members")")});
        expect_equal(keys.size(), std::size_t{1}, row);
    }
}

void what_is_no_jwk_set_is_refused(void**) {
    for (std::string_view text :
         {"", "x", "[]", "{}", "null", R"({"keys":{}})", R"({"keys":null})", R"({"keys":"x"})", R"({"keys":[})",
          R"({"keys":[],"keys":[]})", R"({"Keys":[]})", "<html>", R"({"keys":[]} x)"}) {
        expect(!KeySet::parse(text), text);
    }
    expect_equal(KeySet::parse(R"({"keys":[]})")->size(), std::size_t{0}, "an empty set is a set");
    expect(KeySet::parse(R"({"keys":[]})")->find(Algorithm::rs256, std::nullopt).empty(), "and has no key");
}

void the_number_of_keys_is_bounded(void**) {
    std::string text = R"({"keys":[)";
    for (std::size_t i = 0; i < KeySet::most_keys; ++i) {
        text += SigningKey::ed25519().jwk(R"("kid":")" + std::to_string(i) + '"') + ',';
    }
    const auto keys = KeySet::parse(text + SigningKey::ed25519().jwk(R"("kid":"last")") + "]}");
    expect_equal(keys->size(), KeySet::most_keys, "keys");
    expect(keys->find(Algorithm::eddsa, std::to_string(KeySet::most_keys - 1)).size() == 1, "the last one within");
    expect(keys->find(Algorithm::eddsa, "last").empty(), "the first one beyond");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_the_rfcs_verify),
        cmocka_unit_test(every_algorithm_verifies_with_its_own_key_alone),
        cmocka_unit_test(every_changed_byte_of_a_signature_is_refused),
        cmocka_unit_test(a_salt_is_as_long_as_its_hash),
        cmocka_unit_test(only_asymmetric_algorithms_have_a_name),
        cmocka_unit_test(a_key_is_found_by_kid_and_algorithm),
        cmocka_unit_test(a_key_without_a_kid_is_meant_only_if_none_has_the_tokens_kid),
        cmocka_unit_test(without_a_kid_all_that_fit_are_found),
        cmocka_unit_test(keys_of_no_use_are_left_out),
        cmocka_unit_test(what_is_no_jwk_set_is_refused),
        cmocka_unit_test(the_number_of_keys_is_bounded),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
