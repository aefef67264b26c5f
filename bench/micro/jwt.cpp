// JWTs: verifying one of 204 bytes, signing one, and what their HMAC costs above the bare hash.
#define OPENSSL_API_COMPAT 0x10101000L  // the bare hash is OpenSSL's low-level one

#include "core/base64url.hpp"
#include "core/jwt.hpp"

#include <benchmark/benchmark.h>
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
std::string usual_token(const HmacKey& key) {
    std::string token =
        token_of(R"({"id":12345,"email":"alice.lid@example.org","role":"user","iat":1699999000,"exp":1700003600})", key);
    if (token.size() != 204) {
        throw std::logic_error("the token has " + std::to_string(token.size()) + " bytes");
    }
    return token;
}

std::string_view signed_part(std::string_view token) {
    return token.substr(0, token.rfind('.'));
}

void verify(benchmark::State& state) {
    const HmacKey key(secret);
    const std::string token = usual_token(key);
    jwt::Checks checks;
    checks.now = now;
    for (auto _ : state) {
        jwt::Verified verified = jwt::verify(token, std::span(&key, 1), checks);
        if (verified.status != jwt::Status::valid) {
            state.SkipWithError("the token is not valid");
        }
        benchmark::DoNotOptimize(verified);
    }
}

void sign(benchmark::State& state) {
    const HmacKey key(secret);
    const UserId user{UserId::Kind::integer, "12345"};
    for (auto _ : state) {
        benchmark::DoNotOptimize(jwt::sign(user, "id", now, now + 300, key));
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

BENCHMARK(verify);
BENCHMARK(sign);
BENCHMARK(hmac);
BENCHMARK(bare_hmac);
BENCHMARK(one_shot_hmac);

}  // namespace
