#include "nginx/jwt/own_session.hpp"

#include "nginx/gate/request_state.hpp"

namespace auth_gate {

OwnSession::OwnSession(const RequestState& state) : state_(state) {
    if (state.subject.session->claims.text().empty()) {
        decoded_ = jwt::claims_text(state.choice.credential.text);
    }
}

jwt::SessionCopy OwnSession::copy() const noexcept {
    const Credential& credential = state_.choice.credential;
    return {.header = credential.text.substr(0, credential.text.find('.')),
            .claims = decoded_.empty() ? state_.subject.session->claims.text() : std::string_view(decoded_),
            .place = credential.place};
}

}  // namespace auth_gate
