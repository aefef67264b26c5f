#include "nginx/identity/subject.hpp"

#include <algorithm>

namespace auth_gate {

const json::Claims& TokenSession::claims() const {
    if (!claims_) {
        claims_ = json::Claims::parse_object(copy_->claims);
    }
    return claims_;
}

const json::Claims& Subject::claims() const {
    static const json::Claims none;
    if (session != nullptr) {
        return session->claims;
    }
    return token_session != nullptr ? token_session->claims() : none;
}

std::size_t Subject::key() const noexcept {
    const std::vector<std::uint64_t>& scopes = *conf->jwt.scopes;
    return static_cast<std::size_t>(std::find(scopes.begin(), scopes.end(), account_scope) - scopes.begin());
}

}  // namespace auth_gate
