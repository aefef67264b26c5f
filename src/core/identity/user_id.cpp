#include "core/identity/user_id.hpp"

namespace auth_gate {

std::optional<UserId> UserId::from_json(const json::Claim& value) {
    if (value.is_integer()) {
        return UserId{Kind::integer, *value.text()};
    }
    if (const auto text = value.string(); text && !text->empty() && text->size() <= longest) {
        return UserId{Kind::text, std::string(*text)};
    }
    return std::nullopt;
}

std::string UserId::to_json() const {
    return kind == Kind::integer ? text : json::quote(text);
}

}  // namespace auth_gate
