// The session of a request that its own JWT let in, without the signature.
#pragma once

#include "core/jwt/session_copy.hpp"

#include <string>

namespace auth_gate {

struct RequestState;

class OwnSession {
public:
    // Borrows from the state. Throws bad_alloc.
    explicit OwnSession(const RequestState& state);

    jwt::SessionCopy copy() const noexcept;

private:
    const RequestState& state_;
    std::string decoded_;  // of claims whose text is not kept
};

}  // namespace auth_gate
