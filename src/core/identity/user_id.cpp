#include "core/identity/user_id.hpp"

#include <cstring>

namespace auth_gate {

namespace {

constexpr std::size_t longest = 255;

}  // namespace

std::optional<UserId> UserId::from_json(const json::Claim& value) {
    if (value.is_integer()) {
        return UserId{Kind::integer, *value.text()};
    }
    if (const auto text = value.string(); text && !text->empty() && text->size() <= longest) {
        return UserId{Kind::text, std::string(*text)};
    }
    return std::nullopt;
}

std::uint64_t UserId::key(const SipHashKey& hash_key, std::uint64_t application) const noexcept {
    char whole[sizeof(application) + 1 + longest];
    std::memcpy(whole, &application, sizeof(application));
    whole[sizeof(application)] = kind == Kind::integer ? 'i' : 't';
    const std::size_t size = text.copy(whole + sizeof(application) + 1, longest);
    return keyed_hash(hash_key, {whole, sizeof(application) + 1 + size});
}

std::string UserId::to_json() const {
    return kind == Kind::integer ? text : json::quote(text);
}

}  // namespace auth_gate
