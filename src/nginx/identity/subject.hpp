// The user that a request was admitted for.
#pragma once

#include "nginx/conf/conf.hpp"

#include "core/jwt/jwt.hpp"
#include "core/token/session_facts.hpp"

#include <memory>
#include <optional>

namespace auth_gate {

// A JWT's session, or what a redeemed token says.
struct Subject {
    const LocationConf* conf = nullptr;           // where the credential was good
    std::shared_ptr<const jwt::Session> session;  // of a JWT; null with a token
    UserId token_user;                            // of a token
    std::optional<double> session_exp;            // seconds since 1970
    std::uint32_t purpose = 0;                    // of the token
    SessionFacts facts;                           // of the session that asked for the token
};

}  // namespace auth_gate
