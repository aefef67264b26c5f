#include "core/jwt/requirements.hpp"

#include "core/base/crypto.hpp"

namespace auth_gate {

bool Requirements::add(std::string_view text) {
    const std::size_t equals = text.find('=');
    const std::string_view claim = text.substr(0, equals);
    if (claim.empty()) {
        return false;
    }
    std::optional<std::string> value;
    if (equals != std::string_view::npos) {
        value.emplace(text.substr(equals + 1));
    }
    list_.push_back({std::string(claim), std::move(value)});

    canonical_.append(text);
    canonical_ += '\0';
    fingerprint_ = static_cast<std::uint32_t>(short_hash(sha256(canonical_))) | 1;
    return true;
}

bool Requirements::met_by(const json::Claims& claims) const {
    for (const Requirement& requirement : list_) {
        const json::Claim given = claims.member(requirement.claim);
        if (!given || given.is_null() || (requirement.value && !given.is_or_has(*requirement.value))) {
            return false;
        }
    }
    return true;
}

}  // namespace auth_gate
