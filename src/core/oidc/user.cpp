#include "core/oidc/user.hpp"

#include "core/base/ascii.hpp"
#include "core/http/request_traits.hpp"
#include "core/identity/identity.hpp"
#include "core/oidc/error.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
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

bool is_email(std::string_view name) noexcept {
    return equal_ignoring_case(name, email);
}

// As JSON writes an integer that is not negative.
bool is_integer(std::string_view text) noexcept {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit) &&
           (text.size() == 1 || text.front() != '0');
}

std::optional<UserId> integer_of(std::string_view text, std::int64_t most) {
    std::int64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool fits = is_integer(text) && read.ec == std::errc() && value <= most;
    return fits ? std::optional(UserId{UserId::Kind::integer, std::string(text)}) : std::nullopt;
}

std::optional<UserId> string_of(std::string_view text) {
    const bool fits = !text.empty() && text.size() <= UserId::longest &&
                      json::Value(json_stringn(text.data(), text.size())) != nullptr;  // that is: it is UTF-8
    return fits ? std::optional(UserId{UserId::Kind::text, std::string(text)}) : std::nullopt;
}

UserFromClaims as(UserStatus otherwise, std::optional<UserId> user) {
    return user ? UserFromClaims{UserStatus::ok, std::move(*user)} : UserFromClaims{otherwise, {}};
}

// What a path that the answer does not go all the way with has met.
enum class Way : std::uint8_t { single, nobody, several };

Way way_through(const json_t* answer, std::string_view path) noexcept {
    Way way = Way::single;
    for (std::size_t end = 0; end != std::string_view::npos; end = path.find('.', end + 1)) {
        const json_t* here = end == 0 ? answer : at_path(answer, path.substr(0, end));
        if (json_array_size(here) > 1) {
            return Way::several;
        }
        if (json_is_array(here) && json_array_size(here) == 0) {
            way = Way::nobody;
        }
    }
    return way;
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
    case UserStatus::bad_type:
        return "what names the user is not of the type that user_id wants, or too long";
    }
    return "";
}

UserFromClaims user_from_claims(const json_t* claims, std::string_view path, UserIdType type) {
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
    } else if (type != UserIdType::own) {
        return user_from_text(user->text, type);
    } else {
        result.status = UserStatus::ok;
        result.user = std::move(*user);
    }
    return result;
}

UserFromClaims user_from_text(std::string_view text, UserIdType type) {
    constexpr std::int64_t most_for_all = (std::int64_t{1} << 53) - 1;

    if (text.empty()) {
        return {};
    }
    const bool as_integer = type == UserIdType::integer || (type == UserIdType::own && is_integer(text));
    const std::int64_t most = type == UserIdType::integer ? std::numeric_limits<std::int64_t>::max() : most_for_all;
    return as(UserStatus::bad_type, as_integer ? integer_of(text, most) : string_of(text));
}

const json_t* claim_named(const json_t* claims, std::string_view name) noexcept {
    const json_t* found = json::member(claims, name);
    const char* key;
    json_t* value;
    json_object_foreach(const_cast<json_t*>(claims), key, value) {
        if (found == nullptr && equal_ignoring_case(key, name)) {
            found = value;
        }
    }
    return found;
}

std::optional<std::string> claim_text(const json_t* claims, std::string_view name) {
    if (is_email(name) && !has_verified_email(claims)) {
        return std::nullopt;
    }
    auto text = json::text(is_email(name) ? json::member(claims, email) : claim_named(claims, name));
    const bool fits = text && std::all_of(text->begin(), text->end(), is_field_char);
    return fits ? std::move(text) : std::nullopt;
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

ApplicationAnswer parse_application_answer(unsigned http_status, std::string_view body, std::string_view path) {
    ApplicationAnswer answer;
    const json::Value value = json::parse(body);
    if (http_status >= 200 && http_status < 300) {
        const Way way = way_through(value.get(), path);
        answer.is_about_one = way != Way::several;
        if (way == Way::nobody) {
            answer.error = code_of(LoginError::registration_disabled);
        } else if (way == Way::single && (json_is_object(value.get()) || json_is_array(value.get()))) {
            answer.user = UserId::from_json(at_path(value.get(), path));
        }
    } else if (http_status >= 400 && http_status < 500) {
        for (std::string_view name : {"code", "error"}) {
            const auto code = json::string(json::member(value.get(), name));
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
