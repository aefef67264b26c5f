#include "core/oidc/id_token.hpp"

#include "core/base/base64url.hpp"
#include "core/base/bytes.hpp"
#include "core/base/crypto.hpp"
#include "core/http/request_traits.hpp"
#include "core/http/url.hpp"
#include "core/jwt/jws.hpp"
#include "core/oidc/tenant.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <optional>

namespace auth_gate::oidc {

namespace {

constexpr std::size_t longest_subject = 255;  // OpenID Connect Core, 2

struct Header {
    IdTokenStatus status = IdTokenStatus::valid;
    Algorithm algorithm{};
    std::optional<std::string> kid;
};

Header read_header(std::string_view encoded) {
    const auto refused = [](IdTokenStatus status) { return Header{status, {}, {}}; };

    const auto text = base64url::decode(encoded);
    if (!text) {
        return refused(IdTokenStatus::malformed);
    }
    const json::Value object = json::parse_object(*text);
    const json_t* kid = json::member(object.get(), "kid");
    const json_t* type = json::member(object.get(), "typ");
    if (object == nullptr || (kid != nullptr && !json_is_string(kid))) {
        return refused(IdTokenStatus::bad_header);
    }
    const auto algorithm = algorithm_named(json::string(json::member(object.get(), "alg")).value_or(""));
    if (!algorithm) {
        return refused(IdTokenStatus::wrong_algorithm);
    }
    if (json::member(object.get(), "crit") != nullptr) {
        return refused(IdTokenStatus::critical_header);
    }
    // RFC 8725, 3.11: other kinds of token (at+jwt, logout+jwt) may be signed with the same keys.
    if (type != nullptr && !equal_ignoring_case(json::string(type).value_or(""), "JWT")) {
        return refused(IdTokenStatus::wrong_type);
    }
    Header header;
    header.algorithm = *algorithm;
    if (kid != nullptr) {
        header.kid = std::string(*json::string(kid));
    }
    return header;
}

// The audience may have others, and then azp may be missing (OpenID Connect Core with errata set 2, 3.1.3.7).
IdTokenStatus check_audience(const json_t* claims, std::string_view client_id) noexcept {
    if (!is_for(json::member(claims, "aud"), client_id)) {
        return IdTokenStatus::wrong_audience;
    }
    const json_t* party = json::member(claims, "azp");
    return party == nullptr || json::string(party) == client_id ? IdTokenStatus::valid : IdTokenStatus::wrong_party;
}

// Doubles, so that no date and no leeway overflows. They are exact below 2^53.
IdTokenStatus check_dates(const json_t* claims, const IdTokenChecks& checks) noexcept {
    const json_t* exp = json::member(claims, "exp");
    const json_t* iat = json::member(claims, "iat");
    const json_t* nbf = json::member(claims, "nbf");
    if ((exp != nullptr && !json_is_number(exp)) || (iat != nullptr && !json_is_number(iat)) ||
        (nbf != nullptr && !json_is_number(nbf))) {
        return IdTokenStatus::bad_payload;
    }
    if (exp == nullptr) {
        return IdTokenStatus::no_expiry;
    }
    if (iat == nullptr) {
        return IdTokenStatus::no_issue_time;
    }
    const double now = static_cast<double>(checks.now);
    const double leeway = static_cast<double>(checks.leeway);
    const double issued = json_number_value(iat);
    if (now >= json_number_value(exp) + leeway) {
        return IdTokenStatus::expired;
    }
    if (now + leeway < issued) {
        return IdTokenStatus::issued_in_the_future;
    }
    if (now > issued + static_cast<double>(checks.longest_age) + leeway) {
        return IdTokenStatus::issued_too_long_ago;
    }
    return nbf != nullptr && now + leeway < json_number_value(nbf) ? IdTokenStatus::not_yet_valid
                                                                   : IdTokenStatus::valid;
}

// The left half of the algorithm's hash (OpenID Connect Core, 3.1.3.6).
std::optional<std::string> half_hash(Algorithm algorithm, std::string_view text) {
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    if (EVP_Digest(text.data(), text.size(), hash, &size, hash_function(algorithm), nullptr) != 1) {
        return std::nullopt;
    }
    return base64url::encode(as_text({hash, size / 2}));
}

bool same_secret(std::optional<std::string_view> a, std::string_view b) noexcept {
    return a && a->size() == b.size() && CRYPTO_memcmp(a->data(), b.data(), b.size()) == 0;
}

// The issuer of the token's own tenant, which must be one of those that may log in.
IdTokenStatus check_issuer(const json_t* claims, std::string_view key_issuer, const IdTokenChecks& checks) {
    const auto issuer = json::string(json::member(claims, "iss"));
    if (!issuer || issuer->empty()) {
        return IdTokenStatus::wrong_issuer;
    }
    if (checks.tenants.empty()) {
        return url::same_issuer(*issuer, checks.issuer) ? IdTokenStatus::valid : IdTokenStatus::wrong_issuer;
    }
    const auto tenant = json::string(json::member(claims, "tid"));
    if (!tenant || std::none_of(checks.tenants.begin(), checks.tenants.end(),
                                [&](const std::string& known) { return equal_ignoring_case(*tenant, known); })) {
        return IdTokenStatus::wrong_tenant;
    }
    const bool by_its_key = key_issuer.empty() || url::same_issuer(*issuer, issuer_of_tenant(key_issuer, *tenant));
    return by_its_key && url::same_issuer(*issuer, issuer_of_tenant(checks.issuer, *tenant))
               ? IdTokenStatus::valid
               : IdTokenStatus::wrong_issuer;
}

IdTokenStatus check_claims(const SignedClaims& token, const IdTokenChecks& checks) {
    const json_t* claims = token.claims.get();
    if (const auto status = check_issuer(claims, token.key_issuer, checks); status != IdTokenStatus::valid) {
        return status;
    }
    if (const auto status = check_audience(claims, checks.client_id); status != IdTokenStatus::valid) {
        return status;
    }
    if (const auto status = check_dates(claims, checks); status != IdTokenStatus::valid) {
        return status;
    }
    const json_t* nonce = json::member(claims, "nonce");
    const bool may_lack = checks.nonce_optional && nonce == nullptr;
    if (checks.nonce.empty() || (!may_lack && !same_secret(json::string(nonce), checks.nonce))) {
        return IdTokenStatus::wrong_nonce;
    }
    if (const json_t* hash = json::member(claims, "at_hash"); hash != nullptr) {
        const auto wanted = half_hash(token.algorithm, checks.access_token);
        if (checks.access_token.empty() || !wanted || !same_secret(json::string(hash), *wanted)) {
            return IdTokenStatus::wrong_access_token_hash;
        }
    }
    return subject_of(claims) ? IdTokenStatus::valid : IdTokenStatus::no_subject;
}

}  // namespace

std::string_view sentence(IdTokenStatus status) noexcept {
    switch (status) {
    case IdTokenStatus::valid:
        return "the id_token is valid";
    case IdTokenStatus::too_large:
        return "the id_token is larger than allowed";
    case IdTokenStatus::malformed:
        return "the id_token is malformed";
    case IdTokenStatus::bad_header:
        return "the id_token's header is not a valid JSON object";
    case IdTokenStatus::wrong_algorithm:
        return "the id_token's algorithm is not one that is accepted";
    case IdTokenStatus::critical_header:
        return "the id_token has a crit header";
    case IdTokenStatus::wrong_type:
        return "the id_token's typ is not JWT";
    case IdTokenStatus::unknown_key:
        return "the provider has no key that matches the id_token's header";
    case IdTokenStatus::bad_signature:
        return "the id_token's signature does not match";
    case IdTokenStatus::bad_payload:
        return "the id_token's payload is not a valid claims set";
    case IdTokenStatus::wrong_issuer:
        return "the id_token is from another issuer";
    case IdTokenStatus::wrong_audience:
        return "the id_token is for another client";
    case IdTokenStatus::wrong_party:
        return "the id_token's azp is not this client";
    case IdTokenStatus::wrong_tenant:
        return "the id_token's tid is not one of the tenants that may log in";
    case IdTokenStatus::no_expiry:
        return "the id_token has no exp claim";
    case IdTokenStatus::expired:
        return "the id_token has expired";
    case IdTokenStatus::no_issue_time:
        return "the id_token has no iat claim";
    case IdTokenStatus::issued_in_the_future:
        return "the id_token's iat is in the future";
    case IdTokenStatus::issued_too_long_ago:
        return "the id_token's iat is too long ago";
    case IdTokenStatus::not_yet_valid:
        return "the id_token's nbf is in the future";
    case IdTokenStatus::no_subject:
        return "the id_token has no valid sub claim";
    case IdTokenStatus::wrong_nonce:
        return "the id_token's nonce is not the one that was sent";
    case IdTokenStatus::wrong_access_token_hash:
        return "the id_token's at_hash does not match the access token";
    }
    return "";
}

bool is_for(const json_t* audience, std::string_view client_id) noexcept {
    if (!json_is_array(audience)) {
        return json::string(audience) == client_id;
    }
    bool named = false;
    for (std::size_t i = 0; i < json_array_size(audience); ++i) {
        const auto one = json::string(json_array_get(audience, i));
        if (!one) {
            return false;
        }
        named = named || one == client_id;
    }
    return named;
}

std::optional<std::string> subject_of(const json_t* claims) {
    const json_t* subject = json::member(claims, "sub");
    if (json_is_integer(subject)) {
        return json::text(subject);
    }
    const auto text = json::string(subject);
    return text && !text->empty() && text->size() <= longest_subject ? std::optional(std::string(*text)) : std::nullopt;
}

SignedClaims verify_signed(std::string_view token, const KeySet& keys, std::size_t max_size) {
    const auto refused = [](IdTokenStatus status) { return SignedClaims{status, {}, {}, {}}; };

    if (token.size() > max_size) {
        return refused(IdTokenStatus::too_large);
    }
    const auto parts = jws::split(token);
    if (!parts) {
        return refused(IdTokenStatus::malformed);
    }
    const Header header = read_header(parts->header);
    if (header.status != IdTokenStatus::valid) {
        return refused(header.status);
    }
    const auto signature = base64url::decode(parts->signature);
    if (!signature) {
        return refused(IdTokenStatus::malformed);
    }
    const auto candidates = keys.find(header.algorithm, header.kid);
    if (candidates.empty()) {
        return refused(IdTokenStatus::unknown_key);
    }
    const auto signer = std::find_if(candidates.begin(), candidates.end(), [&](const KeySet::Key* key) {
        return verify_signature(*key, header.algorithm, parts->signed_text, *signature);
    });
    if (signer == candidates.end()) {
        return refused(IdTokenStatus::bad_signature);
    }
    const auto payload = base64url::decode(parts->payload);
    if (!payload) {
        return refused(IdTokenStatus::malformed);
    }
    json::Value claims = json::parse_object(*payload);
    return claims == nullptr ? refused(IdTokenStatus::bad_payload)
                             : SignedClaims{IdTokenStatus::valid, header.algorithm, std::string(issuer_of(**signer)),
                                            std::move(claims)};
}

IdToken verify_id_token(std::string_view token, const KeySet& keys, const IdTokenChecks& checks) {
    SignedClaims verified = verify_signed(token, keys, checks.max_size);
    if (verified.status == IdTokenStatus::valid) {
        verified.status = check_claims(verified, checks);
    }
    if (verified.status != IdTokenStatus::valid) {
        return {verified.status, {}, {}};
    }
    IdToken result;
    result.status = IdTokenStatus::valid;
    result.subject = *subject_of(verified.claims.get());
    result.claims = std::move(verified.claims);
    return result;
}

}  // namespace auth_gate::oidc
