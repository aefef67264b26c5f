#include "core/identity/identity.hpp"

namespace auth_gate {

bool is_path(std::string_view text) noexcept {
    return !text.empty() && text.front() != '.' && text.back() != '.' && text.find("..") == std::string_view::npos;
}

const json_t* at_path(const json_t* object, std::string_view path) noexcept {
    while (object != nullptr) {
        const std::size_t dot = path.find('.');
        object = json::member(object, path.substr(0, dot));
        if (dot == std::string_view::npos) {
            return object;
        }
        path.remove_prefix(dot + 1);
    }
    return nullptr;
}

json::Claim at_path(const json::Claims& claims, std::string_view path) noexcept {
    const std::size_t dot = path.find('.');
    const json::Claim claim = claims.member(path.substr(0, dot));
    return dot == std::string_view::npos ? claim : json::Claim(at_path(claim.tree(), path.substr(dot + 1)));
}

std::optional<Identity> identity_from(const json_t* document, const IdentityPaths& paths, const UserId& user) {
    if (!paths.id.empty() && json::text(at_path(document, paths.id)) != user.text) {
        return std::nullopt;
    }

    Identity identity;
    const json_t* mfa = at_path(document, paths.mfa);
    if (json_is_boolean(mfa)) {
        identity.mfa = json_is_true(mfa);
    } else if (json_is_integer(mfa) && (json_integer_value(mfa) == 0 || json_integer_value(mfa) == 1)) {
        identity.mfa = json_integer_value(mfa) == 1;
    } else {
        return std::nullopt;
    }

    const json_t* role = at_path(document, paths.role);
    if (role != nullptr && !json_is_null(role)) {
        const auto text = json::string(role);
        if (!text) {
            return std::nullopt;
        }
        identity.role = text->substr(0, Identity::longest_role);
    }
    return identity;
}

}  // namespace auth_gate
