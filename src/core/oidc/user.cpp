#include "core/oidc/user.hpp"

#include "core/identity/identity.hpp"
#include "core/oidc/error.hpp"

#include <algorithm>
#include <new>

namespace auth_gate::oidc {

namespace {

constexpr std::string_view email = "email";
constexpr char email_verified[] = "email_verified";

bool is_among(std::optional<std::string_view> text, const std::vector<std::string>& accepted) {
    return text && std::find(accepted.begin(), accepted.end(), *text) != accepted.end();
}

json::Value copy_of(const json_t* object) {
    json::Value copy(json_copy(const_cast<json_t*>(object)));
    if (copy == nullptr) {
        throw std::bad_alloc();
    }
    return copy;
}

}  // namespace

bool says_true(const json_t* claim) noexcept {
    return json_is_true(claim) || json::string(claim) == "true";
}

void assume_email_verified(json_t* claims) {
    if (json::member(claims, email) != nullptr && json::member(claims, email_verified) == nullptr &&
        json_object_set_new(claims, email_verified, json_true()) != 0) {
        throw std::bad_alloc();
    }
}

bool has_verified_email(const json_t* claims) noexcept {
    return json_is_string(json::member(claims, email)) && says_true(json::member(claims, email_verified));
}

std::string_view sentence(UserStatus status) noexcept {
    switch (status) {
    case UserStatus::ok:
        return "the claims name the user";
    case UserStatus::no_claim:
        return "the claim that names the user is missing";
    case UserStatus::bad_claim:
        return "the claim that names the user is neither an integer nor a string of 1 to 255 bytes";
    case UserStatus::email_not_verified:
        return "the provider does not say that the e-mail address is verified";
    }
    return "";
}

UserFromClaims user_from_claims(const json_t* claims, std::string_view path) {
    UserFromClaims result;
    const json_t* value = at_path(claims, path);
    if (value == nullptr || json_is_null(value)) {
        return result;
    }
    auto user = UserId::from_json(value);
    if (!user) {
        result.status = UserStatus::bad_claim;
    } else if (path == email && !says_true(json::member(claims, email_verified))) {
        result.status = UserStatus::email_not_verified;
    } else {
        result.status = UserStatus::ok;
        result.user = std::move(*user);
    }
    return result;
}

std::string application_query(const json_t* claims, std::string_view invite) {
    constexpr char invite_name[] = "invite";

    const json::Value query = copy_of(claims);
    for (const char* name : {"nonce", "at_hash", "c_hash", invite_name}) {
        json_object_del(query.get(), name);
    }
    if (!invite.empty()) {
        // Fails if it is not UTF-8, and then it is not an invitation either.
        json_object_set_new(query.get(), invite_name, json_stringn(invite.data(), invite.size()));
    }
    return json::text(query.get()).value_or("");
}

ApplicationAnswer parse_application_answer(unsigned http_status, std::string_view body) {
    ApplicationAnswer answer;
    const json::Value object = json::parse_object(body);
    if (http_status >= 200 && http_status < 300) {
        answer.user = UserId::from_json(json::member(object.get(), "id"));
    } else if (http_status >= 400 && http_status < 500) {
        for (std::string_view name : {"code", "error"}) {
            const auto code = json::string(json::member(object.get(), name));
            if (code && is_error_code(*code)) {
                answer.error = *code;
                break;
            }
        }
    }
    if (!answer.user && answer.error.empty()) {
        answer.error = code_of(LoginError::server_error);
    }
    return answer;
}

bool MfaTrust::met_by(const json_t* id_token_claims) const {
    if (is_among(json::string(json::member(id_token_claims, "acr")), acr)) {
        return true;
    }
    const json_t* methods = json::member(id_token_claims, "amr");
    if (is_among(json::string(methods), amr)) {
        return true;  // some providers send the only method alone
    }
    for (std::size_t i = 0; i < json_array_size(methods); ++i) {
        if (is_among(json::string(json_array_get(methods, i)), amr)) {
            return true;
        }
    }
    return false;
}

}  // namespace auth_gate::oidc
