// JWTs: verifying one of 204 bytes, as if for the first time and again, signing one, and what their HMAC costs above
// the bare hash and by OpenSSL's other ways.
#define OPENSSL_API_COMPAT 0x10101000L  // the bare hash is OpenSSL's low-level one

#include "core/jwt/jwt.hpp"
#include "core/base/base64url.hpp"
#include "core/jwt/session_cache.hpp"
#include "core/jwt/signer.hpp"

#include <benchmark/benchmark.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <cstring>
#include <stdexcept>

namespace {

using namespace auth_gate;

constexpr std::string_view secret = "a secret of more than thirty-two bytes, as it should be";
constexpr std::int64_t now = 1700000000;

std::string token_of(std::string_view payload, const HmacKey& key) {
    std::string token = base64url::encode(R"({"alg":"HS256","typ":"JWT"})") + '.' + base64url::encode(payload);
    const Digest signature = key.sign(token);
    token += '.';
    base64url::append(token, signature);
    return token;
}

// What an application signs: 204 bytes.
std::string usual_token(const HmacKey& key, std::int64_t id = 12345) {
    std::string token =
        token_of("{\"id\":" + std::to_string(id) +
                     R"(,"email":"alice.lid@example.org","role":"user","iat":1699999000,"exp":1700003600})",
                 key);
    if (token.size() != 204) {
        throw std::logic_error("the token has " + std::to_string(token.size()) + " bytes");
    }
    return token;
}

jwt::Checks checks_now() {
    jwt::Checks checks;
    checks.now = now;
    return checks;
}

std::string_view signed_part(std::string_view token) {
    return token.substr(0, token.rfind('.'));
}

void verify(benchmark::State& state) {
    const HmacKey key(secret);
    const std::string token = usual_token(key);
    const jwt::Checks checks = checks_now();
    for (auto _ : state) {
        jwt::Verified verified = jwt::verify(token, std::span(&key, 1), checks);
        if (verified.status != jwt::Status::valid) {
            state.SkipWithError("the token is not valid");
        }
        benchmark::DoNotOptimize(verified);
    }
}

// The JWTs of so many users in turn, all of whom this worker has seen before.
void verify_again(benchmark::State& state, std::int64_t users) {
    const HmacKey key(secret);
    std::vector<std::string> tokens;
    for (std::int64_t n = 0; n < users; ++n) {
        tokens.push_back(usual_token(key, 10000 + n));
    }
    SessionCache cache(1 << 20);
    const jwt::Checks checks = checks_now();
    std::size_t next = 0;
    for (auto _ : state) {
        jwt::Verified verified = cache.verify(tokens[next], std::span(&key, 1), 1, checks);
        if (verified.status != jwt::Status::valid) {
            state.SkipWithError("the token is not valid");
        }
        benchmark::DoNotOptimize(verified);
        next = next + 1 == tokens.size() ? 0 : next + 1;
    }
}

void remembered(benchmark::State& state) {
    verify_again(state, 1);
}

void remembered_of_64(benchmark::State& state) {
    verify_again(state, 64);
}

void sign(benchmark::State& state) {
    const HmacKey key(secret);
    const UserId user{UserId::Kind::integer, "12345"};
    for (auto _ : state) {
        benchmark::DoNotOptimize(jwt::sign(user, "id", now, now + 300, key));
    }
}

void sign_remembered(benchmark::State& state) {
    const HmacKey key(secret);
    const UserId user{UserId::Kind::integer, "12345"};
    JwtSigner signer;
    for (auto _ : state) {
        benchmark::DoNotOptimize(signer.sign(user, "id", now, now + 300, key, 1));
    }
}

void hmac(benchmark::State& state) {
    const HmacKey key(secret);
    const std::string token = usual_token(key);
    for (auto _ : state) {
        benchmark::DoNotOptimize(key.sign(signed_part(token)));
    }
}

// The least that an HMAC can cost: two hash states, ready made, and the hashing itself.
void bare_hmac(benchmark::State& state) {
    const HmacKey key(secret);
    const std::string token = usual_token(key);
    const std::string_view text = signed_part(token);
    SHA256_CTX inner, outer;
    unsigned char pad[64] = {};
    SHA256_Init(&inner);
    SHA256_Update(&inner, pad, sizeof(pad));
    outer = inner;
    unsigned char digest[32];
    for (auto _ : state) {
        SHA256_CTX ctx = inner;
        SHA256_Update(&ctx, text.data(), text.size());
        SHA256_Final(digest, &ctx);
        ctx = outer;
        SHA256_Update(&ctx, digest, sizeof(digest));
        SHA256_Final(digest, &ctx);
        benchmark::DoNotOptimize(digest);
    }
}

// What known modules do on each request.
void one_shot_hmac(benchmark::State& state) {
    const std::string token = usual_token(HmacKey(secret));
    const std::string_view text = signed_part(token);
    unsigned char digest[32];
    for (auto _ : state) {
        HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
             reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, nullptr);
        benchmark::DoNotOptimize(digest);
    }
}

// OpenSSL's own way, with the key set up before.
void evp_mac(benchmark::State& state) {
    const std::string token = usual_token(HmacKey(secret));
    const std::string_view text = signed_part(token);
    EVP_MAC* mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    EVP_MAC_CTX* ctx = EVP_MAC_CTX_new(mac);
    char name[] = "SHA256";
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string("digest", name, 0), OSSL_PARAM_construct_end()};
    EVP_MAC_init(ctx, reinterpret_cast<const unsigned char*>(secret.data()), secret.size(), params);
    unsigned char digest[32];
    for (auto _ : state) {
        std::size_t size = 0;
        EVP_MAC_init(ctx, nullptr, 0, nullptr);
        EVP_MAC_update(ctx, reinterpret_cast<const unsigned char*>(text.data()), text.size());
        EVP_MAC_final(ctx, digest, &size, sizeof(digest));
        benchmark::DoNotOptimize(digest);
    }
    EVP_MAC_CTX_free(ctx);
    EVP_MAC_free(mac);
}

// The hash states kept and copied, as in bare_hmac, but by the interface that is not deprecated.
void evp_copied(benchmark::State& state) {
    const std::string token = usual_token(HmacKey(secret));
    const std::string_view text = signed_part(token);
    EVP_MD* sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    EVP_MD_CTX* kept = EVP_MD_CTX_new();
    EVP_MD_CTX* ctx = EVP_MD_CTX_new();
    const unsigned char pad[64] = {};
    EVP_DigestInit_ex2(kept, sha256, nullptr);
    EVP_DigestUpdate(kept, pad, sizeof(pad));
    unsigned char digest[32];
    for (auto _ : state) {
        EVP_MD_CTX_copy_ex(ctx, kept);
        EVP_DigestUpdate(ctx, text.data(), text.size());
        EVP_DigestFinal_ex(ctx, digest, nullptr);
        EVP_MD_CTX_copy_ex(ctx, kept);
        EVP_DigestUpdate(ctx, digest, sizeof(digest));
        EVP_DigestFinal_ex(ctx, digest, nullptr);
        benchmark::DoNotOptimize(digest);
    }
    EVP_MD_CTX_free(ctx);
    EVP_MD_CTX_free(kept);
    EVP_MD_free(sha256);
}

BENCHMARK(verify);
BENCHMARK(remembered);
BENCHMARK(remembered_of_64);
BENCHMARK(sign);
BENCHMARK(sign_remembered);
BENCHMARK(hmac);
BENCHMARK(bare_hmac);
BENCHMARK(evp_mac);
BENCHMARK(evp_copied);
BENCHMARK(one_shot_hmac);

}  // namespace
