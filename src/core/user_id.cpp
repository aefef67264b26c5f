#include "user_id.hpp"

namespace auth_gate {

namespace {

constexpr std::size_t longest = 255;

}  // namespace

std::optional<UserId> UserId::from_json(const json_t* value) {
    if (json_is_integer(value)) {
        return UserId{Kind::integer, std::to_string(json_integer_value(value))};
    }
    if (const auto text = json::string(value); text && !text->empty() && text->size() <= longest) {
        return UserId{Kind::text, std::string(*text)};
    }
    return std::nullopt;
}

std::string UserId::distinct_text(std::uint64_t realm) const {
    return std::to_string(realm) + (kind == Kind::integer ? " integer " : " text ") + text;
}

std::string UserId::to_json() const {
    return kind == Kind::integer ? text : json::quote(text);
}

}  // namespace auth_gate
