#include "core/oidc/userinfo.hpp"

#include "core/http/url.hpp"
#include "core/jwt/jws.hpp"
#include "core/oidc/id_token.hpp"
#include "core/oidc/user.hpp"

#include <algorithm>
#include <new>

namespace auth_gate::oidc {

namespace {

constexpr char email[] = "email";
constexpr char email_verified[] = "email_verified";
constexpr std::size_t largest_token = 256 * 1024;

UserinfoStatus status_of(IdTokenStatus status) noexcept {
    const bool by_another = status == IdTokenStatus::unknown_key || status == IdTokenStatus::bad_signature;
    return by_another ? UserinfoStatus::wrong_key : UserinfoStatus::bad_token;
}

// What the token has of these claims must be right; it need have none of them.
UserinfoStatus check(const json_t* claims, const UserinfoChecks& checks) {
    const json_t* issuer = json::member(claims, "iss");
    const json_t* audience = json::member(claims, "aud");
    if ((issuer != nullptr && !url::same_issuer(json::string(issuer).value_or(""), checks.issuer)) ||
        (audience != nullptr && !is_for(audience, checks.client_id))) {
        return UserinfoStatus::wrong_party;
    }
    const json_t* exp = json::member(claims, "exp");
    const json_t* nbf = json::member(claims, "nbf");
    const double now = static_cast<double>(checks.now), leeway = static_cast<double>(checks.leeway);
    if ((exp != nullptr && (!json_is_number(exp) || now >= json_number_value(exp) + leeway)) ||
        (nbf != nullptr && (!json_is_number(nbf) || now + leeway < json_number_value(nbf)))) {
        return UserinfoStatus::wrong_time;
    }
    return UserinfoStatus::ok;
}

std::string_view trimmed_lines(std::string_view text) noexcept {
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t begin = std::min(text.find_first_not_of(blanks), text.size());
    return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

Userinfo read(std::string_view answer, const UserinfoChecks& checks) {
    const std::string_view text = trimmed_lines(answer);
    if (text.starts_with('{') || !jws::split(text)) {
        json::Value claims = json::parse_object(answer);
        const auto status = claims == nullptr ? UserinfoStatus::not_json : UserinfoStatus::ok;
        return {status, std::move(claims)};
    }
    SignedClaims token = verify_signed(text, checks.keys, largest_token);
    if (token.status != IdTokenStatus::valid) {
        return {status_of(token.status), nullptr};
    }
    const UserinfoStatus status = check(token.claims.get(), checks);
    return {status, std::move(token.claims)};
}

}  // namespace

std::string_view sentence(UserinfoStatus status) noexcept {
    switch (status) {
    case UserinfoStatus::ok:
        return "the userinfo is about the id_token's subject";
    case UserinfoStatus::not_json:
        return "the userinfo endpoint's answer is neither a JSON object nor a signed JWT";
    case UserinfoStatus::bad_token:
        return "the userinfo endpoint's JWT is malformed, or of an algorithm or type that is not accepted";
    case UserinfoStatus::wrong_key:
        return "the userinfo endpoint's JWT is not signed by one of the provider's keys";
    case UserinfoStatus::wrong_party:
        return "the userinfo endpoint's JWT is from another issuer or for another client";
    case UserinfoStatus::wrong_time:
        return "the userinfo endpoint's JWT has expired, or is not valid yet";
    case UserinfoStatus::no_subject:
        return "the userinfo endpoint's answer has no sub";
    case UserinfoStatus::subject_mismatch:
        return "the userinfo's sub differs from the id_token's";
    }
    return "";
}

Userinfo with_userinfo(const json_t* id_token_claims, std::string_view answer, const UserinfoChecks& checks) {
    const auto refused = [](UserinfoStatus status) { return Userinfo{status, nullptr}; };

    Userinfo userinfo = read(answer, checks);
    if (userinfo.status != UserinfoStatus::ok) {
        return refused(userinfo.status);
    }
    const auto subject = subject_of(userinfo.claims.get());
    if (!subject) {
        return refused(UserinfoStatus::no_subject);
    }
    if (subject != subject_of(id_token_claims)) {
        return refused(UserinfoStatus::subject_mismatch);
    }
    Userinfo result{UserinfoStatus::ok, json::Value(json_copy(const_cast<json_t*>(id_token_claims)))};
    // Only a "yes" is about the address beside it. A "no" stays, lest anybody assume a "yes".
    const json_t* verified = json::member(userinfo.claims.get(), email_verified);
    if (json::member(id_token_claims, email) != nullptr) {
        if (says_true(verified)) {
            json_object_del(userinfo.claims.get(), email_verified);
        }
    } else if (json::member(userinfo.claims.get(), email) != nullptr &&
               (verified != nullptr || says_true(json::member(id_token_claims, email_verified)))) {
        json_object_del(result.claims.get(), email_verified);
    }
    if (result.claims == nullptr || json_object_update_missing(result.claims.get(), userinfo.claims.get()) != 0) {
        throw std::bad_alloc();
    }
    return result;
}

}  // namespace auth_gate::oidc
